-- Orders whose customers have a saved payment method: it is the customer's, so that whoever has several is flipped whole.
select o.client_order_ref as subscription_id
from sale_order o
where o.origin = :service
  and exists (select 1 from payment_token t where t.active and t.partner_id in (o.partner_id, o.partner_invoice_id))
order by o.client_order_ref
