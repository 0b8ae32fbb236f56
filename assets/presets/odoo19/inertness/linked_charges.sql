-- Payments that hang on those orders.
select count(*) as breaches, min(o.client_order_ref) as example
from sale_order_transaction_rel r
join sale_order o on o.id = r.sale_order_id
where o.origin = :service
