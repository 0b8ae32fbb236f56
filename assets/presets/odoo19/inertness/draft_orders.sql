-- Orders an import brought in that are no drafts any more: a confirmed order can be invoiced. Odoo 17 to 19.
select client_order_ref as subscription_id
from sale_order
where origin = :service and (state is null or state not in ('draft', 'sent', 'cancel'))
order by client_order_ref
