-- Messages to people: written in the transaction that causes them, sent by a job, wiped of their content when sent.
create table messages (
  message_id uuid primary key,
  user_id uuid not null,
  channel text not null check (channel in ('email')),
  template text not null,
  -- Recipient and values, sealed with the person's key; null once delivered, given up or erased.
  content text,
  status text not null check (status in ('queued', 'sent', 'failed', 'expired')),
  created_at timestamptz not null,
  expires_at timestamptz,
  sent_at timestamptz,
  attempts integer not null default 0,
  -- The channel's own words for a failure, without personal data: an SMTP code or an error code.
  failure text
);
create index messages_by_user on messages (user_id, created_at desc);
