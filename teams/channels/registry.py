"""Every kind of chat there is, in the order in which they are offered."""

from __future__ import annotations

from teams.channels.apprise import Apprise
from teams.channels.base import Kind
from teams.channels.discord import Discord
from teams.channels.mattermost import Mattermost
from teams.channels.microsoft_teams import MicrosoftTeams
from teams.channels.slack import Slack
from teams.channels.telegram import Telegram
from teams.channels.webhook import Webhook

KINDS: dict[str, Kind] = {
    each.kind: each
    for each in (Slack(), MicrosoftTeams(), Mattermost(), Discord(), Telegram(), Webhook(), Apprise())
}
