-- When the provider is asked about a session next; null: no more, or not planned yet (rows of a version that knew no
-- plan); infinity: never, the person was erased.
alter table kyc_sessions add column next_check_at timestamptz;
-- How often it was asked in vain since the session last changed: the waits grow with it.
alter table kyc_sessions add column checks integer not null default 0;

create index kyc_sessions_due on kyc_sessions (provider, next_check_at) where next_check_at is not null;
-- Written by the version before, while both serve: open and without a plan. As good as empty.
create index kyc_sessions_unplanned on kyc_sessions (provider)
  where next_check_at is null and state in ('created', 'started', 'submitted');
create index kyc_sessions_open on kyc_sessions (provider, state, updated_at)
  where state in ('created', 'started', 'submitted');

-- Open sessions and fresh decisions of before: asked within the hour, not all in the same minute.
update kyc_sessions set next_check_at = now() + random() * interval '1 hour'
  where state in ('created', 'started', 'submitted')
    or (state in ('success', 'rejected', 'expired') and updated_at > now() - interval '7 days');

-- What reconciliation found, one row a provider, over all processes.
create table kyc_reconciliations (
  provider text primary key,
  last_run_at timestamptz not null,
  -- All since the beginning. drifts: the provider's word was another than ours, and ours followed.
  asked bigint not null default 0,
  drifts bigint not null default 0,
  expired bigint not null default 0,
  unclear bigint not null default 0,
  failed bigint not null default 0,
  last_drift_at timestamptz
);

-- Whether it is its person's first session: the list of people with sessions counts along these, 1,024 a page. Null where
-- the version before wrote the row; then a comparison with the person's other sessions tells.
alter table kyc_sessions add column is_first boolean;
update kyc_sessions session set is_first = not exists (
  select from kyc_sessions earlier
  where earlier.user_id = session.user_id and earlier.state <> 'reserved' and earlier.session_id < session.session_id)
  where state <> 'reserved';
create index kyc_sessions_first on kyc_sessions (session_id) include (user_id, is_first)
  where state <> 'reserved' and is_first is not false;
