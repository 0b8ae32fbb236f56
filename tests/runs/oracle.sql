-- The rules of the numbers as one statement: half-up per document, draft before rating, verdict by net and tax.
with month as (select date '2026-05-01' as first, date '2026-06-01' as after),
plan as (
  select book, id, flat_price, case interval when 'year' then 12 else 1 end * interval_count as months from t.plans
),
candidate as (
  select s.book, s.id, s.plan_id, coalesce(s.price_override, p.flat_price) as price, s.quantity, coalesce(s.discount_percent, 0) as discount,
         s.started_on, coalesce(s.ended_on, date '9999-01-01') as ended, greatest(s.started_on, coalesce(s.trial_end, s.started_on)) as billed_from,
         m.first, (m.first + make_interval(months => p.months))::date as after, p.months, m.after as month_after
  from t.subscriptions s join plan p on p.book = s.book and p.id = s.plan_id cross join month m
  where s.ended_on is not null or s.status = 'active'
),
due as (
  select *, least(after, ended) - greatest(first, billed_from) as days, after - first as of_days
  from candidate
  where least(month_after, ended) > greatest(first, started_on)
    and least(after, ended) > greatest(first, billed_from)
    and ((extract(year from first) * 12 + extract(month from first)) - (extract(year from started_on) * 12 + extract(month from started_on)))::int % months = 0
),
used as (
  select book, subscription_id, metric, sum(quantity) as quantity from s.usage
  where occurred_at >= timestamptz '2026-05-01 04:00Z' and occurred_at < timestamptz '2026-06-01 04:00Z' group by 1, 2, 3
),
overage as (
  select d.book, d.id,
         sum(case c.model when 'package' then ceil(greatest(u.quantity - c.included, 0) / c.package_size) else greatest(u.quantity - c.included, 0) / c.package_size end
             * c.unit_price) as amount
  from due d join t.charges c on c.book = d.book and c.plan_id = d.plan_id
  join used u on u.book = d.book and u.subscription_id = d.id and u.metric = c.metric group by 1, 2
),
rated as (
  select d.book, d.id,
         round(d.price * d.quantity * d.days * (100 - d.discount) / (d.of_days * 100) + coalesce(o.amount, 0) * (100 - d.discount) / 100, 2) as net
  from due d left join overage o using (book, id)
),
document as (
  select 's' as side, book, id, subscription_id, kind, case kind when 'credit' then -1 else 1 end as sign, subtotal, tax, coalesce(period_start, issued_on) as day
  from s.invoices where status in ('paid', 'open', 'posted')
  union all
  select 't', book, id, subscription_id, kind, case kind when 'credit' then -1 else 1 end, subtotal, tax, coalesce(period_start, issued_on)
  from t.invoices where status in ('draft', 'posted', 'paid', 'open')
),
counted as (
  select d.side, d.book, d.id, d.subscription_id, d.kind, round(d.sign * d.subtotal, 2) as net, round(d.sign * d.tax, 2) as tax
  from document d cross join month m where d.day >= m.first and d.day < m.after and d.subtotal <> 0
),
summed as (
  select side, book, subscription_id as id, sum(net) as net, case when bool_or(tax is null) then null else sum(tax) end as tax,
         count(*) as n, min(net) = max(net) and count(distinct kind) = 1 as equal
  from counted where subscription_id is not null group by 1, 2, 3
),
actual as (select * from summed where side = 's'),
drafted as (select * from summed where side = 't'),
expected as (
  select book, id, coalesce(d.net, r.net) as net, case when d.book is not null then d.tax else round(r.net * 0.13, 2) end as tax
  from rated r full outer join drafted d using (book, id)
)
select book, id,
  case when a.net is null and e.net <> 0 then 'missing_in_source'
       when a.net is null then 'match'
       when e.net is null then 'missing_in_target'
       when a.n > 1 and a.equal and e.net <> 0 and a.net = a.n * e.net then 'duplicate'
       when a.net <> e.net or a.tax <> e.tax then 'delta'
       else 'match' end,
  a.net, e.net, a.tax, e.tax
from actual a full outer join expected e using (book, id)
union all
select book, id, 'unlinked', net, null, tax, null from counted where side = 's' and subscription_id is null
order by 1, 2;
