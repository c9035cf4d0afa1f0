"""The Chalice app: every door's routes, every schedule and consumer, and nothing else."""

import gc

# A fifth of a cold start is collecting what is only being loaded and stays: so it waits.
gc.disable()

from functions import (
    accounts,
    assets,
    audit,
    board_pages,
    catalogue,
    changelog_pages,
    complaints,
    danger,
    danger_pages,
    desk,
    desk_pages,
    evidence,
    feedback,
    figures,
    holidays,
    label_pages,
    labels,
    me,
    model_pages,
    models,
    notifications,
    officers,
    open311,
    open_data,
    openapi,
    pages,
    phone_changes,
    release_pages,
    releases,
    roadmap_pages,
    search,
    sign_in,
    source_pages,
    sources,
    supervision,
    topic_pages,
    topics,
    whatsapp,
)
from functions.copying import copying
from functions.door import KhidmatApp
from functions.events import consumers
from functions.fetching import schedule as fetching
from functions.logs import write_json_lines
from functions.regrouping import regrouping
from functions.scheduled import schedules

DOORS = (
    catalogue.door,
    holidays.door,
    complaints.door,
    desk.door,
    search.door,
    evidence.door,
    accounts.door,
    me.door,
    notifications.door,
    phone_changes.door,
    supervision.door,
    figures.door,
    open_data.door,
    open311.door,
    officers.door,
    audit.door,
    feedback.door,
    sources.door,
    whatsapp.door,
    topics.door,
    releases.door,
    labels.door,
    models.door,
    danger.door,
    openapi.door,
    pages.door,
    board_pages.door,
    topic_pages.door,
    roadmap_pages.door,
    release_pages.door,
    label_pages.door,
    changelog_pages.door,
    desk_pages.door,
    danger_pages.door,
    model_pages.door,
    source_pages.door,
    sign_in.door,
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
app.register_blueprint(regrouping)
app.register_blueprint(copying)
app.register_blueprint(fetching)
gc.enable()
