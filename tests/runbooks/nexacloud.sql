-- The tables of NexaCloud that the runbook asks about, in which every check holds.
create table plans (id uuid primary key, slug varchar(100) not null unique, is_active boolean not null default true);
create table subscriptions (id uuid primary key, plan_id uuid not null references plans, status varchar(20) not null default 'active', cancelled_at timestamptz);
create table invoices (id uuid primary key, number varchar(64) not null unique, subscription_id uuid references subscriptions,
  status varchar(20) not null default 'open', period_start timestamptz, subtotal numeric(14,4) not null);
create table invoice_items (id bigint generated always as identity primary key, invoice_id uuid not null references invoices,
  kind varchar(16) not null default 'flat', amount numeric(14,4) not null);
insert into plans values ('10000000-0000-0000-0000-000000000000', 'large');
insert into subscriptions values ('20000000-0000-0000-0000-000000000000', '10000000-0000-0000-0000-000000000000', 'active', null);
insert into invoices values ('30000000-0000-0000-0000-000000000000', 'INV-1', '20000000-0000-0000-0000-000000000000', 'paid', '2026-05-01', 200);
insert into invoice_items (invoice_id, kind, amount)
values ('30000000-0000-0000-0000-000000000000', 'flat', 200), ('30000000-0000-0000-0000-000000000000', 'tax', 26);
