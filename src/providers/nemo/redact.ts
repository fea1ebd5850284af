/** A message of the provider's is quoted to people and in logs: kept short, on one line, and without credentials. */
const maxLength = 300

const credentials = /\b(?:nmv|clm)_[A-Za-z0-9_-]+|\bBearer\s+\S+|([?&](?:nemo_)?token=)[^&\s"']+/gi

/** C0, DEL and C1 controls: a log line cannot be forged, a terminal cannot be driven. */
const controls = /[\p{Cc}\u2028\u2029]+/gu

/** `secret` is the token of the call, in case the provider repeats one of another form. */
export const redact = (text: string, secret?: string): string => {
  const whole = secret === undefined || secret === '' ? text : text.replaceAll(secret, '[redacted]')
  const clean = whole
    .slice(0, maxLength * 4)
    .replace(credentials, (_match, parameter: string | undefined) => `${parameter ?? ''}[redacted]`)
    .replace(controls, ' ')
    .trim()
  return clean.length > maxLength ? `${clean.slice(0, maxLength - 1)}…` : clean
}
