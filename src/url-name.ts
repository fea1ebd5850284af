/** Names as they stand in URLs and in headers: percent-encoded, or not. */

/** The text as people write it; as it stands where its percent signs encode no UTF-8. */
export const decodePercents = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return text
    throw error
  }
}

/** What a URL calls its file: the last part of its path, decoded. Null where there is none, or no URL. */
export const fileNameOf = (url: string): string | null => {
  const name = URL.parse(url)?.pathname.split('/').at(-1)
  return name ? decodePercents(name) : null
}
