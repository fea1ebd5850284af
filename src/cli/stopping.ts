/**
 * Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. With `withParent`, also when the
 * pipe on stdin closes: the parent is gone, whatever ended it.
 */
export const untilStopped = ({ withParent = false }: { readonly withParent?: boolean } = {}): Promise<void> =>
  new Promise((resolve) => {
    let isStopping = false
    const stop = () => {
      if (isStopping) process.exit(1)
      isStopping = true
      // An open pipe would keep the process from ending.
      if (withParent) process.stdin.destroy()
      resolve()
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
    if (!withParent) return
    process.stdin.on('close', () => resolve())
    process.stdin.on('end', () => resolve())
    process.stdin.resume()
  })
