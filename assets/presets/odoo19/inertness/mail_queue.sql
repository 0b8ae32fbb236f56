-- Mails that wait to be sent.
select count(*) as breaches, min(email_to) as example
from mail_mail
where state = 'outgoing'
