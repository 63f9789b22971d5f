/**
 * Invariants of `reliability.md` as SQL: each statement lists violations, and so must list nothing. They hold at any
 * moment, also while requests and jobs are under way.
 */
export const rules: Record<string, string> = {
  "I2 no half user": `
    select u.user_id || ' has not exactly ' || part as what
    from users u, lateral (values
      ('an identity, or none once erased',
        exists (select from identities i where i.user_id = u.user_id) = (u.erased_at is null)),
      ('one primary wallet where there is any',
        (select count(*) filter (where wallet_primary) = least(count(*), 1) from identities i where i.user_id = u.user_id and i.provider = 'wallet')),
      ('one live key, or none once erased',
        (select count(*) from person_keys k where k.user_id = u.user_id and k.destroyed_at is null) = (u.erased_at is null)::int),
      ('one registration in the journal',
        (select count(*) from journal_entries e where e.subject_kind = 'user' and e.subject_id = u.user_id::text and e.action = 'user.registered') = 1),
      ('one mail for each confirmation code',
        (select count(*) from messages m where m.user_id = u.user_id and m.template = 'confirm-email')
        = (select count(*) from journal_entries e where e.subject_kind = 'user' and e.subject_id = u.user_id::text
            and (e.action = 'user.registered' and e.actor_kind <> 'system' and e.canonical::jsonb #>> '{changes,method,after}' is distinct from 'wallet'
              or e.canonical::jsonb #>> '{changes,confirmation_code,after}' = 'sent' or e.action = 'user.confirmation-code-resent'))),
      ('one confirmation code while pending',
        u.status <> 'pending' or u.email is null or exists (select from one_time_secrets s where s.purpose = 'confirm-email' and s.subject = u.user_id::text))
    ) as parts (part, there)
    where not there`,

  "I2 nothing of nobody": `
    select place || ' tells of ' || owner || ', who does not exist' as what
    from (
      select 'person_keys' as place, user_id::text as owner from person_keys
      union all select 'identities', user_id::text from identities
      union all select 'messages', user_id::text from messages
      union all select 'one_time_secrets', subject from one_time_secrets
      union all select 'known_sources', user_id::text from known_sources
      union all select 'oidc_records', user_id::text from oidc_records where user_id is not null
      union all select 'organisation_members', user_id::text from organisation_members
      union all select 'second_factors', user_id::text from second_factors
      union all select 'recovery_codes', user_id::text from recovery_codes
      union all select 'questionnaire_answers', user_id::text from questionnaire_answers
      union all select 'kyc_sessions', user_id::text from kyc_sessions
      union all select 'idempotency_keys', about_user::text from idempotency_keys where about_user is not null
      union all select 'journal_entries', subject_id from journal_entries where subject_kind = 'user'
    ) as told
    where owner not in (select user_id::text from users)`,

  "I2 an answer is remembered with its deed": `
    select 'an idempotency key without an answer' as what from idempotency_keys where answer is null`,

  "I3 one user for each proof": `
    select kind || ' counts for several users' as what
    from (
      select 'e-mail ' || lower(trim(email)) as kind, user_id from users where email is not null
      union all select 'verified phone of ' || phone_number, user_id from users where phone_verified_at is not null
      union all select 'identity ' || issuer || ' ' || subject, user_id from identities
    ) as proofs
    group by kind having count(*) > 1`,

  "I5 each delivery counts once": `
    with observed as (select delivery_id, session_id, count(*) from kyc_observations group by 1, 2),
      told as (
        select canonical::jsonb #>> '{changes,delivery_id,after}' as delivery_id, count(*)
        from journal_entries where subject_kind = 'user' and action like 'kyc.%' group by 1)
    select d.delivery_id || ' (' || d.outcome || ') has ' || coalesce(o.count, 0) || ' observations and '
      || coalesce(t.count, 0) || ' entries' as what
    from webhook_deliveries d
      left join observed o on o.delivery_id = d.delivery_id and o.session_id = d.session_id
      left join told t on t.delivery_id = d.delivery_id::text
    where coalesce(o.count, 0) <> (d.outcome in ('applied', 'no-change', 'session-only'))::int
       or coalesce(t.count, 0) <> (d.user_id is not null)::int`,

  "I5 what is not signed has no effect": `
    select delivery_id || ' is ' || outcome as what from webhook_deliveries
    where (signature = 'valid') = (outcome = 'refused')
       or outcome = 'refused' and (session_id is not null or user_id is not null or applied_at is not null)`,

  "I5 one session counts for each purpose": `
    select user_id || ' has several present sessions' as what from kyc_sessions
    where superseded_at is null and state <> 'reserved' group by user_id, provider, purpose having count(*) > 1`,

  "one-time secrets count once": `
    select subject_id || ': ' || string_agg(action, ', ') as what from journal_entries where subject_kind = 'user'
    group by subject_id
    having count(*) filter (where action = 'user.email-confirmed') > 1
        or count(*) filter (where action = 'user.password-reset') > count(*) filter (where action = 'user.password-reset-requested')
        or count(*) filter (where action = 'user.logged-in' and canonical::jsonb #>> '{changes,method,after}' = 'link')
         > count(*) filter (where action = 'user.login-link-issued')`,

  "the flag of second factors says what there is": `
    select u.user_id || ' has the flag and no second factor, or the other way round' as what from users u
    where (u.sca_verified_at is not null)
      <> exists (select from second_factors f where f.user_id = u.user_id and f.activated_at is not null)`,

  "the flag of the questionnaire says what there is": `
    select u.user_id || ' has the flag and no answers, or the other way round' as what from users u
    where (u.additional_data_at is not null) <> exists (select from questionnaire_answers a where a.user_id = u.user_id)`,

  "I9 no log-in without access": `
    select r.model || ' of ' || u.user_id || ', who is ' || u.status as what
    from oidc_records r join users u using (user_id)
    where u.status in ('inactive', 'blocked', 'closed') or u.erased_at is not null`,

  "I11 every job is finished, due, leased or dead-lettered": `
    select j.name || ' ' || j.id || ' is ' || j.state as what
    from pgboss.job j
    where j.state = 'cancelled'
       or j.state = 'active' and now() > j.started_on + make_interval(secs => j.expire_seconds) + interval '2 minutes'
       or j.state in ('created', 'retry') and j.start_after > now() + interval '1 day'
       or j.state = 'failed' and j.name <> 'dead-letters'
          and not exists (select from pgboss.job d where d.name = 'dead-letters' and d.source_id = j.id)`,

  "I11 no message is lost": `
    with jobs as (
      select data ->> 'messageId' as message_id, string_agg(state::text, ', ') as states, count(*),
        bool_or(state in ('created', 'retry', 'active')) as alive
      from pgboss.job where name = 'deliver-message' group by 1)
    select m.message_id || ' is ' || m.status || ', its jobs: ' || coalesce(j.states, 'none') as what
    from messages m left join jobs j on j.message_id = m.message_id::text
    where j.count is distinct from 1 or (m.status = 'queued' and not j.alive)
       or ((m.content is null) <> (m.status <> 'queued'))`,

  "I12 erased people left nothing readable": `
    select user_id || ' is erased and still told of' as what from users
    where erased_at is not null and (status <> 'closed' or coalesce(email, fname, lname, phone_number, address1, id_number_sealed) is not null)`,

  "I13 memberships are the same from both sides": `
    select u.user_id || ' lists other organisations than have them as member' as what from users u
    where array(select m.org_id from organisation_members m where m.user_id = u.user_id order by 1) <> array(select unnest(u.org_ids) order by 1)
       or u.org_id is distinct from u.org_ids[1]`,

  "I13 no organisation lost its last admin but by an erasure": `
    select o.org_id || ' has members and no admin' as what from organisations o
    where exists (select from organisation_members m where m.org_id = o.org_id)
      and not exists (select from organisation_members m where m.org_id = o.org_id and m.role = 'admin')
      and exists (select from journal_entries e where e.canonical::jsonb #>> '{changes,organisation,after}' = o.org_id::text
        and e.canonical::jsonb #>> '{changes,member_role,after}' = 'admin')
      and not exists (select from journal_entries e where e.action = 'user.organisation-left' and e.actor_id = 'erasure'
        and e.canonical::jsonb #>> '{changes,organisation,before}' = o.org_id::text)`,
};
