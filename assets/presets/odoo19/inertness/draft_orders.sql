-- Orders an import brought in that are no drafts any more: a confirmed order can be invoiced. Odoo 17 to 19.
select count(*) as breaches, min(client_order_ref) as example
from sale_order
where origin = :service and (state is null or state not in ('draft', 'sent', 'cancel'))
