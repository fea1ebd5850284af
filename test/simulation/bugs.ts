/**
 * Bugs that can be planted in the model or in a wrapper around the real code, to see whether the simulation notices
 * (guarantees.md §3.6).
 */
export const plantedBugs = {
  permit_dropped: 'a message is sent on a permit that was never written',
  permit_after_send: 'the permit is written after the message is sent',
  permit_without_lease: 'a permit is opened without asking who holds the lease',
  permit_found_reused: 'a permit that was found is taken for a new one',
  permit_one_per_session_off: 'a session may have two open permits',
  baseline_after_send: 'the baseline is read after the message is sent',
  verify_skipped: 'a reset connection counts as "not sent"',
  verify_too_early: 'one early look decides that a message had no effect',
  half_adopted: 'a change counts as the end although it cannot be exported yet',
  http_retry: 'the HTTP client sends a message again after a reset',
  lease_check_skipped: 'the lease is not checked before the message is sent',
  epoch_ignored: 'a transition does not compare the epoch',
  seq_ignored: 'a transition compares neither seq nor operation id after a lost answer',
  state_ignored: 'a transition does not compare the state',
  later_adopted: 'a message that is redriven takes what a later one of its session has changed for its own',
  expiry_unfenced: 'a job that was begun after it was listed as overdue is ended',
  lease_by_local_clock: 'a lease is judged by the clock of the worker that wants it',
  heartbeat_ignores_epoch: 'a heartbeat renews whatever lease the job has',
  heartbeat_after_loss: 'a lease is renewed after its holder gave it up',
  new_render_id: 'a second try of an export takes a new id',
  order_unwritten: 'a stage orders something before the ending of the one before it is written',
  leave_unasked: 'nothing is asked before the first byte leaves',
  mark_stays: 'the mark of an unsent message stays when it leaves',
  disclaim_sent: 'a permit is disclaimed although its message was sent',
  settle_twice: 'a permit that is settled is counted again when the job ends',
  settle_order: 'the balance is read after the question whether it is ours alone',
  failure_leaves_permit: 'a job that fails leaves its permits open',
  cancel_ignored: 'nobody is told that a job is to be canceled',
  bell_lost: 'a bell that nobody answered is not rung again',
  rescue_off: 'a lease that ran out is not noticed',
  event_dropped: 'an event is left out when a job waits',
  stale_session: 'a session is read once and then remembered',
  length_unchecked: 'a download is not compared with its length',
  stream_cut_at_stop: 'a process that stops cuts its streams',
} as const

export type PlantedBug = keyof typeof plantedBugs
