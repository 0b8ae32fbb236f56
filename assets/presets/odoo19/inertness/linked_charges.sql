-- Payments that hang on those orders.
select o.client_order_ref as subscription_id
from sale_order_transaction_rel r
join sale_order o on o.id = r.sale_order_id
where o.origin = :service
order by o.client_order_ref
