-- Saved payment methods of the customers of those orders.
select count(distinct t.id) as breaches, min(o.client_order_ref) as example
from payment_token t
join sale_order o on o.partner_id = t.partner_id or o.partner_invoice_id = t.partner_id
where o.origin = :service and t.active
