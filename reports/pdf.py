"""Printing a summary. WeasyPrint is loaded on first use and used by one thread at a time."""

import hashlib
import threading
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from reports import fonts
from reports.definitions import definitions
from reports.summary import Summary, drawings

_LOCK = threading.Lock()
_LOADED: dict[str, Any] = {}


class PdfUnavailable(Exception):
    """The PDF libraries are missing; the message says which packages to install."""


def _weasyprint() -> dict[str, Any]:
    """The library with one font configuration and the print style, made once per process."""
    if not _LOADED:
        if sentence := fonts.hint():
            raise PdfUnavailable(sentence)
        fonts.write_conf()
        from weasyprint import CSS, HTML
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import URLFetcher

        configuration = FontConfiguration()
        style = (settings.BASE_DIR / "static" / "print.css").read_text()
        _LOADED.update(
            HTML=HTML,
            configuration=configuration,
            css=CSS(string=style, font_config=configuration),
            fetcher=URLFetcher(allowed_protocols={"data"}),
        )
    return _LOADED


def render(html: str) -> bytes:
    """A PDF of the HTML. Nothing is fetched but data: URLs. Raises PdfUnavailable."""
    with _LOCK:
        loaded = _weasyprint()
        document = loaded["HTML"](string=html, url_fetcher=loaded["fetcher"])
        return bytes(document.write_pdf(stylesheets=[loaded["css"]], font_config=loaded["configuration"]))


def of_summary(summary: Summary) -> bytes:
    """The report as PDF; equal figures give equal bytes. Raises PdfUnavailable."""
    context = {
        "summary": summary,
        "f": summary.figures,
        "charts": drawings(summary.figures),
        "says": definitions(),
    }
    return render(render_to_string("reports/period_pdf.html", context))


def fingerprint(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
