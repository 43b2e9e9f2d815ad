"""Turning a rule off from a message: by a person on a page, or by a mail program in one POST (RFC 8058)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from northstar.lib.policy import requires
from teams.inviting import LinkError
from teams.reminders import because, preferring, unsubscribing
from teams.reminders.rules import RULES
from teams.views import by_link

PAGE = "notifications/unsubscribe.html"


# Mail programs that unsubscribe have neither cookie nor token: the signature in the address is the proof.
@csrf_exempt
@requires("public")
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Only POST changes something: scanners of mail open every link. No session is begun by it."""
    try:
        person, rule = unsubscribing.read(token)
    except LinkError as problem:
        return by_link.dead_end(request, problem, action="unsubscribe", page=PAGE)
    page = {"person": person, "words": RULES[rule].words, "locked": because.locked(rule)}
    if request.method == "POST" and not page["locked"]:
        turn = preferring.turn_on if request.POST.get("undo") else preferring.turn_off
        turn(person, rule)
    page["on"] = preferring.is_on(preferring.of(person), rule)
    refused = page["locked"] and request.method == "POST"
    return by_link.answer(request, PAGE, page, status=409 if refused else 200)
