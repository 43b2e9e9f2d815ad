"""Teams, who is in them, and what people may do in the whole company."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from metrics.models import Annotation, Driver, Metric, Stage

GRANTS = {
    "leader": "Leader: sets the North Star, may act for any team",
    "admin": "Admin: sources, people, settings",
}
TEAM_ROLES = {"member": "Member", "lead": "Lead"}


class TeamQuerySet(models.QuerySet["Team"]):
    def listed(self) -> TeamQuerySet:
        return self.filter(archived_at=None).order_by("name")


class Team(models.Model):
    """A group of people that pushes one metric at a time."""

    policy_team_path = "id"

    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=80, unique=True)
    department = models.CharField(max_length=80, blank=True, default="")
    stage = models.CharField(max_length=20, blank=True, default="", help_text="AARRR stage, if it owns one.")
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    drivers = models.ManyToManyField(Driver, blank=True, related_name="teams")
    stages = models.ManyToManyField(
        Stage, blank=True, related_name="teams", help_text="Steps of a funnel that it owns."
    )
    metrics = models.ManyToManyField(
        Metric, blank=True, related_name="teams", help_text="Typed by this team."
    )
    annotations = models.ManyToManyField(
        Annotation, blank=True, related_name="teams", help_text="Notes on the charts of this team only."
    )

    objects = TeamQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person in a team."""

    policy_team_path = "team_id"

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, default="member")
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="one_membership"),
            models.CheckConstraint(condition=Q(role__in=list(TEAM_ROLES)), name="team_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team} ({self.role})"


class Grant(models.Model):
    """A right in the whole company."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="grants")
    name = models.CharField(max_length=10)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="grants_given",
    )
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="one_grant"),
            models.CheckConstraint(condition=Q(name__in=list(GRANTS)), name="grant_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.name}"
