-- The tables of AlgaPSA that its runbook asks about, with one tenant in which every check holds.
\set tenant '00000000-0000-0000-0000-000000000000'
\set client '10000000-0000-0000-0000-000000000000'
\set shell '20000000-0000-0000-0000-000000000000'
\set contract '30000000-0000-0000-0000-000000000000'
\set assignment '40000000-0000-0000-0000-000000000000'
\set line '50000000-0000-0000-0000-000000000000'
\set service '60000000-0000-0000-0000-000000000000'
\set invoice '70000000-0000-0000-0000-000000000000'
CREATE TABLE clients (tenant uuid NOT NULL, client_id uuid NOT NULL DEFAULT gen_random_uuid(), client_name text NOT NULL,
  billing_email varchar, billing_cycle text NOT NULL DEFAULT 'monthly', timezone varchar, is_inactive boolean DEFAULT false,
  is_tax_exempt boolean NOT NULL DEFAULT false, region_code varchar, default_currency_code varchar NOT NULL DEFAULT 'USD',
  lifecycle_status text NOT NULL DEFAULT 'active', credit_limit bigint, created_at timestamptz DEFAULT now(),
  updated_at timestamptz DEFAULT now(), PRIMARY KEY (tenant, client_id));
CREATE TABLE client_billing_settings (tenant uuid NOT NULL, client_id uuid NOT NULL,
  zero_dollar_invoice_handling text NOT NULL DEFAULT 'normal', suppress_zero_dollar_invoices boolean NOT NULL DEFAULT false,
  billing_cycle_anchor_day_of_month int, billing_cycle_anchor_month_of_year int, billing_cycle_anchor_day_of_week int,
  billing_cycle_anchor_reference_date timestamptz, credit_auto_apply_enabled boolean, PRIMARY KEY (tenant, client_id));
CREATE TABLE contracts (tenant uuid NOT NULL, contract_id uuid NOT NULL DEFAULT gen_random_uuid(), contract_name varchar NOT NULL,
  contract_description text, billing_frequency text NOT NULL DEFAULT 'monthly', is_active boolean DEFAULT true,
  status text NOT NULL DEFAULT 'draft', is_template boolean NOT NULL DEFAULT true, currency_code varchar NOT NULL DEFAULT 'USD',
  owner_client_id uuid, is_system_managed_default boolean NOT NULL DEFAULT false, start_date timestamptz, end_date timestamptz,
  created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now(), PRIMARY KEY (tenant, contract_id));
CREATE TABLE client_contracts (tenant uuid NOT NULL, client_contract_id uuid NOT NULL DEFAULT gen_random_uuid(),
  client_id uuid NOT NULL, contract_id uuid NOT NULL, start_date date NOT NULL, end_date date, is_active boolean DEFAULT true,
  status text NOT NULL DEFAULT 'pending', po_number text, po_amount bigint, template_contract_id uuid, billing_profile_id uuid,
  PRIMARY KEY (tenant, client_contract_id));
CREATE TABLE contract_lines (tenant uuid NOT NULL, contract_line_id uuid NOT NULL DEFAULT gen_random_uuid(),
  contract_line_name text NOT NULL, contract_id uuid, contract_line_type text, billing_frequency text NOT NULL DEFAULT 'monthly',
  billing_timing varchar NOT NULL DEFAULT 'arrears',
  cadence_owner varchar NOT NULL DEFAULT 'client' CHECK (cadence_owner IN ('client','contract')), custom_rate numeric(10,2),
  enable_proration boolean NOT NULL DEFAULT false, billing_cycle_alignment varchar NOT NULL DEFAULT 'start',
  is_active boolean DEFAULT true, is_template boolean NOT NULL DEFAULT true, PRIMARY KEY (tenant, contract_line_id));
CREATE TABLE contract_line_services (tenant uuid NOT NULL, contract_line_id uuid NOT NULL, service_id uuid NOT NULL, quantity int,
  custom_rate bigint, PRIMARY KEY (tenant, contract_line_id, service_id));
CREATE TABLE contract_pricing_schedules (tenant uuid NOT NULL, schedule_id uuid NOT NULL DEFAULT gen_random_uuid(),
  contract_id uuid NOT NULL, effective_date date NOT NULL, end_date date, custom_rate int, PRIMARY KEY (tenant, schedule_id));
CREATE TABLE usage_tracking (tenant uuid NOT NULL, usage_id uuid NOT NULL DEFAULT gen_random_uuid(), client_id uuid,
  service_id uuid NOT NULL, usage_date timestamptz NOT NULL, quantity numeric(10,2) NOT NULL, contract_line_id uuid,
  contract_line_source text,
  contract_line_unresolved_reason text CHECK (contract_line_unresolved_reason IS NULL OR contract_line_unresolved_reason IN ('ambiguous','no_match','error')),
  tax_region varchar, invoiced boolean DEFAULT false, PRIMARY KEY (tenant, usage_id));
CREATE TABLE time_entries (tenant uuid NOT NULL, entry_id uuid NOT NULL DEFAULT gen_random_uuid(), user_id uuid NOT NULL,
  work_item_id uuid, work_item_type text, start_time timestamptz, end_time timestamptz, billable_duration int,
  work_date date NOT NULL, work_timezone text NOT NULL, approval_status text DEFAULT 'DRAFT', service_id uuid,
  contract_line_id uuid, contract_line_source text, contract_line_unresolved_reason text, invoiced boolean DEFAULT false,
  PRIMARY KEY (tenant, entry_id));
CREATE TABLE invoices (tenant uuid NOT NULL, invoice_id uuid NOT NULL DEFAULT gen_random_uuid(), invoice_number text NOT NULL,
  client_id uuid NOT NULL, client_contract_id uuid, billing_cycle_id uuid, billing_period_start date, billing_period_end date,
  invoice_date timestamptz NOT NULL, due_date timestamptz NOT NULL, subtotal int NOT NULL DEFAULT 0, tax int NOT NULL DEFAULT 0,
  total_amount bigint NOT NULL, credit_applied int, currency_code varchar NOT NULL DEFAULT 'USD', exchange_rate_basis_points int,
  status text NOT NULL, invoice_type varchar NOT NULL DEFAULT 'standard', is_manual boolean NOT NULL DEFAULT false,
  is_prepayment boolean NOT NULL DEFAULT false, tax_source varchar DEFAULT 'internal', finalized_at timestamptz, project_id uuid,
  billing_profile_id uuid, PRIMARY KEY (tenant, invoice_id), UNIQUE (invoice_number, tenant));
CREATE TABLE invoice_charges (tenant uuid NOT NULL, item_id uuid NOT NULL DEFAULT gen_random_uuid(), invoice_id uuid NOT NULL,
  service_id uuid, client_contract_id uuid, description text NOT NULL, quantity numeric(10,2) NOT NULL, unit_price bigint NOT NULL,
  total_price bigint NOT NULL, net_amount bigint, tax_amount bigint, tax_rate numeric(5,2) NOT NULL DEFAULT 0, tax_region varchar,
  is_manual boolean NOT NULL DEFAULT false, is_discount boolean DEFAULT false, is_taxable boolean DEFAULT true,
  external_tax_amount int, PRIMARY KEY (tenant, item_id));
CREATE TABLE client_billing_cycles (tenant uuid NOT NULL, billing_cycle_id uuid NOT NULL DEFAULT gen_random_uuid(),
  client_id uuid NOT NULL, billing_cycle varchar NOT NULL DEFAULT 'monthly', effective_date timestamptz NOT NULL DEFAULT now(),
  period_start_date timestamptz NOT NULL DEFAULT now(), period_end_date timestamptz, is_active boolean NOT NULL DEFAULT true,
  billing_profile_id uuid NOT NULL, PRIMARY KEY (tenant, billing_cycle_id));
CREATE TABLE recurring_service_periods (tenant uuid NOT NULL, record_id uuid NOT NULL DEFAULT gen_random_uuid(),
  schedule_key varchar NOT NULL, period_key varchar NOT NULL, revision int NOT NULL DEFAULT 1 CHECK (revision >= 1),
  obligation_id uuid NOT NULL,
  obligation_type varchar NOT NULL CHECK (obligation_type IN ('contract_line','client_contract_line','template_line','preset_line')),
  charge_family varchar NOT NULL CHECK (charge_family IN ('fixed','product','license','bucket','hourly','usage')),
  cadence_owner varchar NOT NULL CHECK (cadence_owner IN ('client','contract')),
  due_position varchar NOT NULL CHECK (due_position IN ('advance','arrears')),
  lifecycle_state varchar NOT NULL DEFAULT 'generated' CHECK (lifecycle_state IN ('generated','edited','skipped','locked','billed','superseded','archived')),
  service_period_start date NOT NULL, service_period_end date NOT NULL CHECK (service_period_start < service_period_end),
  invoice_window_start date NOT NULL, invoice_window_end date NOT NULL CHECK (invoice_window_start < invoice_window_end),
  provenance_kind varchar NOT NULL, source_rule_version varchar NOT NULL, supersedes_record_id uuid, invoice_id uuid,
  invoice_charge_id uuid, invoice_charge_detail_id uuid, invoice_linked_at timestamptz, PRIMARY KEY (tenant, record_id),
  UNIQUE (tenant, schedule_key, period_key, revision), UNIQUE (tenant, invoice_charge_detail_id));
CREATE UNIQUE INDEX contracts_system_managed_default_unique_per_client ON contracts (tenant,
  owner_client_id) WHERE is_system_managed_default AND owner_client_id IS NOT NULL AND (is_template IS NULL OR is_template = false);

-- A client with its default contract, and a contract of its own with one line.
insert into clients (tenant, client_id, client_name) values (:'tenant', :'client', 'Acme');
insert into client_billing_settings (tenant, client_id) values (:'tenant', :'client');
insert into contracts (tenant, contract_id, contract_name, status, is_template, owner_client_id, is_system_managed_default)
values (:'tenant', :'shell', 'Default', 'active', false, :'client', true);
insert into contracts (tenant, contract_id, contract_name, status, is_template) values (:'tenant', :'contract', 'Support', 'active', false);
insert into client_contracts (tenant, client_contract_id, client_id, contract_id, start_date, status)
values (:'tenant', :'assignment', :'client', :'contract', '2026-01-01', 'active'),
  (:'tenant', gen_random_uuid(), :'client', :'shell', '2026-01-01', 'active');
insert into contract_lines (tenant, contract_line_id, contract_line_name, contract_id, is_template)
values (:'tenant', :'line', 'Hours', :'contract', false);
insert into contract_line_services (tenant, contract_line_id, service_id) values (:'tenant', :'line', :'service');
insert into usage_tracking (tenant, client_id, service_id, usage_date, quantity, contract_line_id)
values (:'tenant', :'client', :'service', '2026-05-10', 3, :'line');
insert into invoices (tenant, invoice_id, invoice_number, client_id, client_contract_id, invoice_date, due_date, subtotal, tax, total_amount, status)
values (:'tenant', :'invoice', 'INV-1', :'client', :'assignment', '2026-05-31', '2026-06-30', 1000, 130, 1130, 'sent');
insert into invoice_charges (tenant, invoice_id, client_contract_id, description, quantity, unit_price, total_price, net_amount, tax_amount)
values (:'tenant', :'invoice', :'assignment', 'Hours', 1, 1000, 1130, 1000, 130);
insert into client_billing_cycles (tenant, client_id, period_start_date, period_end_date, billing_profile_id)
values (:'tenant', :'client', '2026-04-01', '2026-05-01', :'client'), (:'tenant', :'client', '2026-05-01', '2026-06-01', :'client');
insert into recurring_service_periods (tenant, schedule_key, period_key, obligation_id, obligation_type, charge_family, cadence_owner, due_position,
  lifecycle_state, service_period_start, service_period_end, invoice_window_start, invoice_window_end, provenance_kind, source_rule_version,
  invoice_charge_detail_id)
values (:'tenant', 's', '2026-05', :'line', 'contract_line', 'fixed', 'client', 'arrears', 'billed', '2026-05-01', '2026-06-01', '2026-06-01',
  '2026-06-02', 'generated', '1', gen_random_uuid());
