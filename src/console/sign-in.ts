import { createApi, type ListOf } from './api.ts'
import { fill, make } from './make.ts'
import { isProblem, problemNotice } from './problem.ts'
import type { Skill } from './shapes.ts'

/** What a header can carry; no key holds anything else. */
const headerText = /^[\x21-\x7e]+$/

/** Asks for a key until one is accepted. */
export const signIn = (reason: string | null, onSignedIn: (apiKey: string) => void): HTMLElement => {
  const input = make('input', {
    id: 'key',
    type: 'password',
    required: true,
    autocomplete: 'off',
    spellcheck: 'false',
    placeholder: 'clk_…',
    autofocus: true,
  })
  const notices = make('div', { 'aria-live': 'polite' }, reason && make('p', { class: 'notice' }, reason))
  const button = make('button', { type: 'submit', class: 'primary' }, 'Sign in')
  const tryKey = async (): Promise<void> => {
    button.disabled = true
    try {
      const apiKey = input.value.trim()
      if (!headerText.test(apiKey)) return fill(notices, wrongKey())
      await createApi(apiKey, () => undefined).get<ListOf<Skill>>('v1/skills')
      onSignedIn(apiKey)
    } catch (error) {
      fill(notices, isProblem(error, 'unauthorized') ? wrongKey() : problemNotice(error))
      input.select()
    } finally {
      button.disabled = false
    }
  }
  return make(
    'main',
    { class: 'sign-in' },
    make(
      'form',
      {
        class: 'card',
        onsubmit: (event) => {
          event.preventDefault()
          void tryKey()
        },
      },
      make('img', { src: 'console/icon.svg', alt: '', width: 40, height: 40 }),
      make('h1', {}, 'Clipline'),
      make('label', { for: 'key' }, 'API key'),
      input,
      notices,
      button,
      make(
        'p',
        { class: 'quiet' },
        'The key stays in this tab and is forgotten when it closes. What the console can do is what the key may.',
      ),
    ),
  )
}

const wrongKey = (): HTMLElement =>
  make(
    'div',
    { class: 'notice bad', role: 'alert' },
    make('strong', {}, 'This key is not valid'),
    make('p', {}, 'It may be mistyped, revoked or expired.'),
  )
