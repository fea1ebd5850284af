/** Builds the page's elements. Text stays text: nothing here, or anywhere in the console, reads markup. */

export type Child = Node | string | number | null | undefined | false

type Listener = (event: Event) => void
type Attribute = string | number | boolean | null | undefined | Listener

export type Attributes = Readonly<Record<string, Attribute>>

/** An element with its attributes, its listeners (`onclick`, …) and its children. */
export const make = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] => {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) put(element, name, value)
  element.append(...nodesOf(children))
  return element
}

/** The same for the elements of a drawing. */
export const draw = <Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Tag] => {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
  for (const [name, value] of Object.entries(attributes)) put(element, name, value)
  element.append(...nodesOf(children))
  return element
}

/** Replaces what an element holds. */
export const fill = (element: Element, ...children: readonly Child[]): void =>
  element.replaceChildren(...nodesOf(children))

const nodesOf = (children: readonly Child[]): (Node | string)[] =>
  children
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (typeof child === 'number' ? String(child) : child))

/** Links stay inside the service: whatever names a scheme or a host is none of ours. */
const leadsAway = /^\s*([a-z][a-z0-9+.-]*:|[/\\]{2})/i

const put = (element: Element, name: string, value: Attribute): void => {
  if (value === null || value === undefined || value === false) return
  if (typeof value === 'function') {
    element.addEventListener(name.slice(2), value)
    return
  }
  if (name.startsWith('on') || name === 'style') throw new TypeError(`${name} is not set as text`)
  const text = value === true ? '' : String(value)
  if ((name === 'href' || name === 'src') && leadsAway.test(text))
    throw new TypeError('a link leads away from the service')
  element.setAttribute(name, text)
}
