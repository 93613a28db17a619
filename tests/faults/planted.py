"""An organisation whose words attack whoever shows them, and which has an incident that nobody may see."""

from __future__ import annotations

import json
from urllib.request import Request, urlopen

KEY = "planted-key-7f3a91c2e4"
SECRET = "PLANTEDPRIVATE"
MARK = "attacked"
HTML = f"<script>window.{MARK}=1</script><img src=x onerror='window.{MARK}=2'><svg/onload=\"window.{MARK}=3\">"
ODD = "\u202egnp.exe\u202c \u200b\ufeff ﷽ 👩‍👩‍👧‍👦 e\u0301 \ud7ff \U000e0041 "
CONTROL = "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b31m \r\x08\x7f "
FORMULA = "=cmd|' /C calc'!A0"
MARKDOWN = f'[click](javascript:window.{MARK}=4) ![x](x) <a href="javascript:window.{MARK}=5">y</a> ```\n# \n|a|b|'
TEMPLATE = "{{ 7 * 191 }}{% raw %}"
ADDRESS = f"javascript:window.{MARK}=6"
LINK = "https://example.com/LINK-HERE"  # becomes that address there, and so do the incident's page and its call
NUL = "NUL-HERE"  # becomes a real NUL in the database: the service itself would not take it
LARGE = "LARGE-HERE"  # becomes a megabyte there
HOSTILE = HTML + CONTROL + ODD + TEMPLATE + NUL
NAME = f"{FORMULA} {HTML[:60]}{CONTROL}{TEMPLATE}{ODD}{NUL}"
TEXT = HOSTILE + MARKDOWN


class Planter:
    """Writes hostile and private content into a sandbox, over HTTP and into its database.

    Args:
        sandbox: A sandbox in this process.
    """

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.number = 0

    def ask(self, method, path, **body):
        """Send a request."""
        self.number += 1
        data = json.dumps(body).encode() if body else None
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.sandbox.key}"}
        with urlopen(Request(self.sandbox.url + path, data, headers, method=method), timeout=30) as answer:
            return json.loads(answer.read())

    def write(self, path, **body):
        """Send a write that needs a key."""
        return self.ask("POST", path, idempotency_key=f"planted-{self.number}", **body)

    def words(self):
        """Make the organisation's own words hostile: one severity, status, role, field, option, person of each."""
        service = self.sandbox.service
        for table, field in (
            ("severities", "description"),
            ("incident_statuses", "description"),
            ("incident_types", "description"),
            ("incident_roles", "instructions"),
            ("custom_fields", "name"),
            ("custom_field_options", "value"),
            ("users", "name"),
            ("teams", "name"),
            ("catalog_entries", "name"),
            ("incident_timestamps", "name"),
        ):
            records = service.organisation.get(table) or {}
            for record in list(records.values())[-1:]:
                record[field] = f"{table} {NAME}".replace(NUL, "\0")
        service._ready()

    def incident(self, visibility, name, text):
        """Declare an incident and put text everywhere it can be."""
        fields = {field["name"]: field["id"] for field in self.ask("GET", "/v2/custom_fields")["custom_fields"]}
        types = {type_["name"]: type_["id"] for type_ in self.ask("GET", "/v1/incident_types")["incident_types"]}
        severities = {severity["name"]: severity["id"] for severity in self.ask("GET", "/v1/severities")["severities"]}
        statuses = {
            status["name"]: status["id"] for status in self.ask("GET", "/v1/incident_statuses")["incident_statuses"]
        }
        made = self.write(
            "/v2/incidents",
            visibility=visibility,
            name=name[:250],
            summary=text,
            severity_id=severities["Critical"],
            incident_type_id=types["Platform"],
            custom_field_entries=[
                {"custom_field_id": fields["Root cause"], "values": [{"value_text": text[:9000]}]},
                {
                    "custom_field_id": fields["Customer ticket"],
                    "values": [{"value_link": f"https://example.com/{SECRET}" if SECRET in text else LINK}],
                },
            ],
        )["incident"]
        about = {"incident_id": made["id"]}
        self.write("/v2/incident_updates", **about, message=text, to_incident_status_id=statuses["Fixing"])
        self.write("/v2/incident_updates", **about, message=text[:200])
        for minute in (1, 2):
            self.write(
                "/v2/incident_timeline_items",
                **about,
                title=name[:250],
                description=text,
                timestamp=f"2026-01-15T14:0{minute}:00Z",
            )
        paths = self.ask("GET", "/v2/escalation_paths")["escalation_paths"]
        self.write("/v2/escalations", **about, title=name[:250], description=text, escalation_path_id=paths[0]["id"])
        return made["reference"]

    def addresses(self, reference):
        """Return the addresses that an incident has: of its page, and of its call if there is one."""
        incident = self.ask("GET", f"/v2/incidents/{reference.partition('-')[2]}")["incident"]
        return [incident[name] for name in ("permalink", "call_url") if incident.get(name)]

    def replace(self, placeholder, text):
        """Put into the database what the service would not take: `text`, as JSON writes it."""
        store = self.sandbox.service.store
        tables = ("incidents", "incident_updates", "incident_timeline_items", "escalations")
        for table in (*tables, "incident_activity_log_entries"):
            store._connection.execute(f"UPDATE {table} SET document = replace(document, ?, ?)", (placeholder, text))


def plant(sandbox):
    """Plant everything and return the references of a hostile, a private and a very large incident."""
    planter = Planter(sandbox)
    hostile = planter.incident("public", NAME, TEXT)
    private = planter.incident("private", f"{SECRET} {HTML}", f"{SECRET} {TEXT}")
    large = planter.incident("public", "Large", LARGE)
    planter.words()
    planter.replace(NUL, "\\u0000")
    for address in (LINK, *planter.addresses(hostile)):
        planter.replace(f'"{address}"', f'"{ADDRESS}"')
    planter.replace(LARGE, "<b>[({" * 170_000)
    return hostile, private, large
