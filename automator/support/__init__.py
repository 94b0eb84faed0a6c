"""A letter to Xiaomi's support: what it says, what goes with it, and where to. Knows no phone and no terminal; sends nothing."""

from automator.support.attachments import KINDS, Attachment, read_attachment, total_warning
from automator.support.case import FIELDS, Case, Field, Unusable, field_named, from_phone, missing
from automator.support.contacts import contacts_for, letter_language, page_url
from automator.support.letter import LANGUAGES, Letter, as_mail, read_back, save, written_letter
from automator.support.refusal import secret_in

__all__ = [
    "FIELDS",
    "KINDS",
    "LANGUAGES",
    "Attachment",
    "Case",
    "Field",
    "Letter",
    "Unusable",
    "as_mail",
    "contacts_for",
    "field_named",
    "from_phone",
    "letter_language",
    "missing",
    "page_url",
    "read_attachment",
    "read_back",
    "save",
    "secret_in",
    "total_warning",
    "written_letter",
]
