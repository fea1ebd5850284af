/** What the API says when it refuses, and how that is shown. */
import { make } from './make.ts'

interface Problem {
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
  readonly retryable: boolean
  readonly request_id: string
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[]
}

export class ProblemError extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

/** The problem of an answer; whatever stands between us and the API may answer with something else. */
export const readProblem = async (status: number, body: Promise<string>): Promise<ProblemError> => {
  const fallback: Problem = {
    title: 'The service gave an answer that is not its own',
    status,
    detail: `It came with the status ${status}. Is something between this page and the service?`,
    code: '',
    retryable: status >= 500,
    request_id: '',
    errors: [],
  }
  try {
    return new ProblemError({ ...fallback, ...(JSON.parse(await body) as Partial<Problem>) })
  } catch (error) {
    if (error instanceof SyntaxError) return new ProblemError(fallback)
    throw error
  }
}

export const isProblem = (error: unknown, code: string): boolean =>
  error instanceof ProblemError && error.problem.code === code

/** Left, or replaced by something newer: nobody waits for it any more. */
export const isAborted = (error: unknown): boolean =>
  error instanceof DOMException && error.name === 'AbortError'

/** An error with what to do about it. */
export const problemNotice = (error: unknown, retry?: () => void): HTMLElement => {
  const again =
    retry === undefined ? null : make('button', { type: 'button', onclick: () => retry() }, 'Try again')
  if (!(error instanceof ProblemError))
    return make(
      'div',
      { class: 'notice bad', role: 'alert' },
      make('strong', {}, 'The service cannot be reached'),
      make('p', {}, 'Check the network, and that the service runs.'),
      again,
    )
  const { title, detail, code, retryable, request_id, errors } = error.problem
  return make(
    'div',
    { class: 'notice bad', role: 'alert' },
    make('strong', {}, title),
    make('p', {}, detail),
    errors.length > 0 &&
      make(
        'ul',
        {},
        ...errors.map((fault) => make('li', {}, make('code', {}, fault.pointer), ` ${fault.detail}`)),
      ),
    make(
      'p',
      { class: 'quiet' },
      retryable ? 'The same request may succeed later. ' : 'The same request will be refused again. ',
      /^[a-z_]+$/.test(code) &&
        make('a', { href: `docs/problems/${code}`, target: '_blank', rel: 'noopener' }, 'What to do'),
      request_id !== '' && make('span', {}, ' · ', make('code', {}, request_id)),
    ),
    again,
  )
}
