select id -- :not_this
from invoices
where issued_on >= :period_begin
  and note = ':neither'
