import type { StageName } from '../job/plan.ts'
import { auth } from './auth.ts'
import { confirm } from './confirm.ts'
import { deliver } from './deliver.ts'
import { exportDraft } from './export.ts'
import { generate } from './generate.ts'
import { render } from './render.ts'
import { session } from './session.ts'
import type { Stage } from './stage.ts'
import { upload } from './upload.ts'

/** The pipeline, in order. */
export const stages: Record<StageName, Stage> = {
  auth,
  session,
  upload,
  generate,
  confirm,
  export: exportDraft,
  render,
  deliver,
}
