"""The Chalice app: every door's routes, every schedule and consumer, and nothing else."""

import gc

# A fifth of a cold start is collecting what is only being loaded and stays: so it waits.
gc.disable()

from functions import accounts, assets, catalogue, complaints, feedback, openapi, pages, supervision
from functions.door import KhidmatApp
from functions.events import consumers
from functions.logs import write_json_lines
from functions.scheduled import schedules

DOORS = (
    catalogue.door,
    complaints.door,
    supervision.door,
    feedback.door,
    openapi.door,
    pages.door,
    accounts.door,
    assets.door,
)

write_json_lines()
app = KhidmatApp(app_name="khidmat")
# The gateway undoes base64 only for what it takes for binary, by the Accept header: for fonts that is */*.
app.api.binary_types = ["*/*"]
for door in DOORS:
    app.register_blueprint(door)
    openapi.ROUTES.extend(door.declared)
app.register_blueprint(schedules)
app.register_blueprint(consumers)
gc.enable()
