"""What reports of errors may hold: where it happened, never what was posted or stood in variables (S73)."""

from __future__ import annotations

from types import FrameType
from typing import Any

from django.http import HttpRequest, QueryDict
from django.views.debug import SafeExceptionReporterFilter


class ReporterFilter(SafeExceptionReporterFilter):
    """Forms and local variables hold passwords of sources under any name, also where DEBUG is on."""

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, str] | QueryDict:
        """The names of what was posted, without any value."""
        return dict.fromkeys(request.POST, self.cleansed_substitute) if request is not None else {}

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: FrameType
    ) -> list[tuple[str, Any]]:
        """The names of local variables, without any value."""
        return [(name, self.cleansed_substitute) for name in tb_frame.f_locals]
