-- %(count)s findings in one go: most closed, a tenth open with clocks far from due; three clocks each. PostgreSQL only.
INSERT INTO audits_audit (number, state, origin, customer_id, customer_name, lead_note, kind_id, mode, regular, sudden,
  division, product, customer_contact, criteria, planned_start, planned_end, agenda, scope, departments, checklist,
  special_demands, logistics, leader_id, leader_reason, lead_escort_id, confirmed_version, received_at, created_at,
  actual_start, result, score, retrospective, resume_state, deviation, remark, matrix_why, version)
SELECT 'B-' || lpad(n::text, 7, '0'), 'in_closure', 'customer', (SELECT min(id) FROM customers_customer), '', '',
  (SELECT min(id) FROM customers_auditkind), 'on_site', true, false, '', '', '', '', current_date, current_date, '', '', '',
  'given', '', '', (SELECT id FROM people_user WHERE username = 'leader1'), '',
  (SELECT id FROM people_user WHERE username = 'escort1'), 0, now(), now(), now(), '', '', '{}', '', '', '', '', 0
FROM generate_series(%(first)s / 50, (%(first)s + %(count)s) / 50) AS n ON CONFLICT DO NOTHING;

INSERT INTO findings_finding (number, state, audit_id, sequence, source, customer_number, site_id, what, "when", "where",
  found_by, why, how, how_much, customer_words, customer_grade, grade, category, clause, product, owner_id,
  closure_manager_id, created_by_id, created_at, issued_at, closed_at, silence_accepted, cycle, version)
SELECT 'B-' || lpad(n::text, 7, '0'), CASE WHEN n %% 10 = 0 THEN 'issued' ELSE 'customer_closed' END, a.id, n %% 50 + 1,
  'on_site', '', s.id, '电动螺丝刀扭力点检记录缺失，现场实测低于下限', '', '', '', '', '', '', '', '', 'minor', 'method', '',
  '', s.owner_id, s.closure_manager_id, (SELECT id FROM people_user WHERE username = 'escort1'),
  now() - n * interval '1 minute', now() - n * interval '1 minute',
  CASE WHEN n %% 10 = 0 THEN NULL ELSE now() - n * interval '1 minute' + interval '4 days' END, false, 1, 0
FROM generate_series(%(first)s, %(first)s + %(count)s - 1) AS n
JOIN audits_audit a ON a.number = 'B-' || lpad((n / 50)::text, 7, '0')
JOIN (SELECT row_number() OVER (ORDER BY id) - 1 AS nth, count(*) OVER () AS total, * FROM people_site) s
  ON s.nth = n %% s.total;

INSERT INTO clocks_deadline (subject_type_id, subject_id, step, part, cycle, policy_step_id, zone, owes_id, started_at,
  started_by_id, base_due_at, due_at, original_due_at, judged_due_at, trace, answered_at, accepted_at, rung, ladder_from, next_alarm_at)
SELECT (SELECT id FROM django_content_type WHERE app_label = 'findings' AND model = 'finding'), f.id, k.step, '', 1, p.id, 'Asia/Shanghai', f.owner_id, f.issued_at, f.created_by_id,
  f.issued_at + k.hours * interval '1 hour', f.issued_at + k.hours * interval '1 hour',
  f.issued_at + k.hours * interval '1 hour', f.issued_at + k.hours * interval '1 hour', '[]',
  CASE WHEN f.state = 'issued' THEN NULL ELSE f.issued_at + (k.hours - 2) * interval '1 hour' END,
  CASE WHEN f.state = 'issued' THEN NULL ELSE f.issued_at + k.hours * interval '1 hour' END, 0, 0,
  CASE WHEN f.state = 'issued' THEN now() + interval '300 days' END
FROM findings_finding f
CROSS JOIN (VALUES ('contain', 24), ('analyse', 48), ('close', 120)) AS k(step, hours)
JOIN clocks_policystep p ON p.step = k.step AND p.policy_id = (
  SELECT id FROM clocks_policy WHERE code = '2485' AND version = 1)
WHERE f.number >= 'B-' || lpad(%(first)s::text, 7, '0');
