/** Settings of a service whose provider's time runs fast: production's proportions, a hundred times quicker. */
export const scaledSettings: Readonly<Record<string, string>> = {
  LEASE_MS: '1500',
  WORKER_CONCURRENCY: '200',
  NEMO_RENDER_POLL_MS: '300',
  NEMO_RENDER_TIMEOUT_MS: '60000',
  NEMO_SSE_IDLE_MS: '6000',
  NEMO_SSE_MAX_MS: '12000',
  NEMO_RECOVERY_FIRST_MS: '500',
  NEMO_RECOVERY_EVERY_MS: '1500',
  NEMO_RECOVERY_CHECKS: '8',
  NEMO_RATE_LIMIT_WAIT_MS: '300',
  // Fourteen tries: a receiver that fails three times in ten then loses one event in twenty million.
  CALLBACK_SCHEDULE_MS: '0,100,200,400,800,1000,1000,1500,1500,2000,2000,2000,3000,3000',
  CALLBACK_TIMEOUT_MS: '2000',
  SHUTDOWN_MS: '4000',
  SHUTDOWN_GENERATE_MS: '12000',
}

/** A minute of the provider passes in 0.6 seconds. */
export const scaledTimeFactor = 1 / 100
