"""The tables of the state, and the view of the activity log."""

from __future__ import annotations

SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS keys (
  key TEXT PRIMARY KEY, id TEXT NOT NULL, name TEXT NOT NULL, roles TEXT NOT NULL, scopes TEXT
);
CREATE TABLE IF NOT EXISTS idempotency_keys (
  endpoint TEXT NOT NULL, key TEXT NOT NULL, resource_id TEXT NOT NULL, answer TEXT NOT NULL,
  PRIMARY KEY (endpoint, key)
);
CREATE TABLE IF NOT EXISTS incidents (
  id TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
  mode TEXT NOT NULL, visibility TEXT NOT NULL, severity_id TEXT, severity_rank INTEGER,
  incident_status_id TEXT NOT NULL, status_category TEXT NOT NULL, incident_type_id TEXT NOT NULL,
  notifications INTEGER NOT NULL, document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS incidents_created_at ON incidents (created_at, id);
CREATE TABLE IF NOT EXISTS incident_updates (
  id TEXT PRIMARY KEY, incident_id TEXT NOT NULL, created_at TEXT NOT NULL, document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS incident_updates_incident ON incident_updates (incident_id, created_at, id);
CREATE INDEX IF NOT EXISTS incident_updates_created_at ON incident_updates (created_at, id);
CREATE TABLE IF NOT EXISTS incident_activity_log_entries (
  id TEXT PRIMARY KEY, incident_id TEXT NOT NULL, occurred_at TEXT NOT NULL, document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS activity_incident ON incident_activity_log_entries (incident_id, occurred_at, id);
CREATE TABLE IF NOT EXISTS past_activity (
  id TEXT PRIMARY KEY, incident_id TEXT NOT NULL, number INTEGER NOT NULL, entries TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS past_activity_incident ON past_activity (incident_id);
CREATE TABLE IF NOT EXISTS incident_timeline_items (
  id TEXT PRIMARY KEY, incident_id TEXT NOT NULL, timestamp TEXT NOT NULL, document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS timeline_incident ON incident_timeline_items (incident_id, timestamp, id);
CREATE TABLE IF NOT EXISTS alerts (
  id TEXT PRIMARY KEY, created_at TEXT NOT NULL, updated_at TEXT NOT NULL, status TEXT NOT NULL,
  alert_source_id TEXT NOT NULL, deduplication_key TEXT NOT NULL, document TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS incident_alerts (
  id TEXT PRIMARY KEY, incident_id TEXT NOT NULL, alert_id TEXT NOT NULL, document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS incident_alerts_incident ON incident_alerts (incident_id);
CREATE INDEX IF NOT EXISTS incident_alerts_alert ON incident_alerts (alert_id);
CREATE TABLE IF NOT EXISTS escalations (
  id TEXT PRIMARY KEY, created_at TEXT NOT NULL, updated_at TEXT NOT NULL, status TEXT NOT NULL,
  escalation_path_id TEXT, idempotency_key TEXT, alert_id TEXT, incident_id TEXT, document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS escalations_incident ON escalations (incident_id);
CREATE TABLE IF NOT EXISTS actions (
  id TEXT PRIMARY KEY, incident_id TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
  document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS actions_incident ON actions (incident_id);
CREATE TABLE IF NOT EXISTS follow_ups (
  id TEXT PRIMARY KEY, incident_id TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
  document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS follow_ups_incident ON follow_ups (incident_id);
CREATE TABLE IF NOT EXISTS call_sessions (
  id TEXT PRIMARY KEY, incident_id TEXT NOT NULL, started_at TEXT NOT NULL, document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS call_sessions_incident ON call_sessions (incident_id);
CREATE TABLE IF NOT EXISTS call_transcript_entries (
  id TEXT PRIMARY KEY, call_session_id TEXT NOT NULL, timestamp TEXT NOT NULL, document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS call_transcript_entries_session ON call_transcript_entries (call_session_id);
CREATE TABLE IF NOT EXISTS workflow_runs (
  id TEXT PRIMARY KEY, incident_id TEXT, workflow_id TEXT NOT NULL, created_at TEXT NOT NULL,
  document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS workflow_runs_incident ON workflow_runs (incident_id);
CREATE TABLE IF NOT EXISTS postmortem_documents (
  id TEXT PRIMARY KEY, incident_id TEXT NOT NULL, created_at TEXT NOT NULL, document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS postmortem_documents_incident ON postmortem_documents (incident_id);
CREATE TABLE IF NOT EXISTS incident_relationships (
  id TEXT PRIMARY KEY, incident_id TEXT NOT NULL, related_id TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS incident_relationships_incident ON incident_relationships (incident_id, id);
CREATE TABLE IF NOT EXISTS incident_attachments (
  id TEXT PRIMARY KEY, incident_id TEXT NOT NULL, document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS incident_attachments_incident ON incident_attachments (incident_id, id);
CREATE TABLE IF NOT EXISTS class_members (
  object_id TEXT NOT NULL, key_id TEXT NOT NULL, PRIMARY KEY (object_id, key_id)
);
CREATE TABLE IF NOT EXISTS drills (
  id TEXT PRIMARY KEY, key_id TEXT NOT NULL, started_at TEXT NOT NULL, ended_at TEXT, document TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS acts (
  id TEXT PRIMARY KEY, drill_id TEXT NOT NULL, due_at TEXT NOT NULL, done INTEGER NOT NULL, document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS acts_due ON acts (done, due_at, id);
"""
# A row of `past_activity` holds all entries of one incident: since this version what each is made of, before that its
# identifier, time and document. The view belongs to the connection, which knows how identifiers are made.
ACTIVITY = """
CREATE TEMP VIEW activity AS
  SELECT id, incident_id, occurred_at, document FROM incident_activity_log_entries
  UNION ALL
  SELECT identifier(json_extract(value, '$[1]'), json_extract(value, '$[0]')) AS id, incident_id,
    json_extract(value, '$[1]') AS occurred_at,
    json_object('type', json_extract(value, '$[2]'), 'title', json_extract(value, '$[3]'),
      'created_at', json_extract(value, '$[1]'), 'content', json_extract(value, '$[4]')) AS document
  FROM past_activity, json_each(entries) WHERE json_array_length(value) = 5
  UNION ALL
  SELECT json_extract(value, '$[0]') AS id, incident_id, json_extract(value, '$[1]') AS occurred_at,
    json_extract(value, '$[2]') AS document
  FROM past_activity, json_each(entries) WHERE json_array_length(value) = 3;
"""
TABLES = [line.split()[5] for line in SCHEMA.splitlines() if line.startswith("CREATE TABLE")]
