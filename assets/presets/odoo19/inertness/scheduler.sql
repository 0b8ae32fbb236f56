-- Scheduled jobs that post, send or collect invoices on their own.
select count(*) as breaches, min(c.cron_name) as example
from ir_cron c
join ir_act_server a on a.id = c.ir_actions_server_id
where c.active
  and a.code ~ '_autopost_draft_entries|_cron_account_move_send|_cron_send_invoice|_cron_post_process|_cron_recurring|_create_recurring_invoice'
