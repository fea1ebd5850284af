/** Every view and its address. */
import { adminView } from './admin-view.ts'
import { batchView } from './batch-view.ts'
import { batchesView } from './batches-view.ts'
import { callbacksView } from './callbacks-view.ts'
import { deliveryView } from './delivery-view.ts'
import { intakeView } from './intake-view.ts'
import { intakesView } from './intakes-view.ts'
import { jobView } from './job-view.ts'
import { jobsView } from './jobs-view.ts'
import { newJobView } from './new-job-view.ts'
import type { Route } from './router.ts'
import { sessionView } from './session-view.ts'
import { sessionsView } from './sessions-view.ts'
import { usageView } from './usage-view.ts'

export const routes: readonly Route[] = [
  { place: 'jobs', view: jobsView },
  { place: 'jobs/:id', view: jobView },
  { place: 'new', view: newJobView },
  { place: 'batches', view: batchesView },
  { place: 'batches/:id', view: batchView },
  { place: 'callbacks', view: callbacksView },
  { place: 'callbacks/:id', view: deliveryView },
  { place: 'sessions', view: sessionsView },
  { place: 'sessions/:id', view: sessionView },
  { place: 'intakes', view: intakesView },
  { place: 'intakes/:id', view: intakeView },
  { place: 'usage', view: usageView },
  { place: 'admin/:part', view: adminView },
]
