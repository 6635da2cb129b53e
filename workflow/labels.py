"""What a move is called on a button."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LABELS: dict[str, Promise] = {
    # audits
    "pass_on_lead": _("Lead passed on"),
    "log_request": _("Request logged"),
    "draft": _("Draft the request"),
    "revise": _("Change the requirement"),
    "reschedule": _("Change the dates"),
    "replace_leader": _("Replace the Leader"),
    "replace_lead_escort": _("Replace the lead escort"),
    "record_result": _("Record the customer's result"),
    "add_file": _("Files added"),
    "appoint_leader": _("Appoint the Leader"),
    "decline": _("Decline"),
    "name_team": _("Name lead escort and team"),
    "change_team": _("Change the team"),
    "confirm": _("Confirm the requirement"),
    "send_notice": _("Send the audit notice"),
    "start": _("Open on site"),
    "start_sudden": _("Start the sudden audit"),
    "record_meeting": _("Record a meeting"),
    "hold_closing": _("Record the closing meeting"),
    "begin_closure": _("Begin closure"),
    "review": _("Write the retrospective"),
    "archive": _("Archive"),
    "postpone": _("Postpone"),
    "resume": _("Set new dates"),
    "cancel": _("Cancel the audit"),
    # findings
    "create": _("Drafted"),
    "edit": _("Edit the draft"),
    "issue": _("Issue"),
    "submit_containment": _("Submit containment"),
    "submit_analysis": _("Submit root cause and countermeasures"),
    "submit_implementation": _("Submit implementation"),
    "answer_observation": _("Answer the observation"),
    "send_back": _("Send back"),
    "accept_step": _("Accept"),
    "close": _("Close"),
    "close_for_customer": _("Close for the customer"),
    "check_effect": _("Record an effectiveness check"),
    "confirm_effective": _("Confirm effectiveness"),
    "reopen": _("Reopen"),
    "withdraw": _("Withdraw"),
    "reassign": _("Re-assign the owner"),
    "change_manager": _("Replace the closure manager"),
    "replace_action_owner": _("Replace an action owner"),
    "complete_action": _("Report an action done"),
    "regrade": _("Change the grade"),
    "apply_exemption": _("Apply for an exemption"),
    "decide_exemption": _("Decide the exemption"),
    "review_exemption": _("Review the exemption"),
    "leader_review": _("Record the Leader's review"),
    "handed_over": _("Handed over"),
    "policy_applied": _("Changed policy or calendar applied"),
    "add_evidence": _("Evidence added"),
}


def move_label(move: str) -> Promise | str:
    return LABELS.get(move, move)
