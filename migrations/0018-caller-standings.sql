-- What the users room tells others of a caller, for statements that join it with something of their own: one round
-- trip for each request's rights.
create view caller_standings as
  select user_id, id, role, type, status, erased_at, permissions, sca_verified_at is not null as has_second_factor
  from users;
