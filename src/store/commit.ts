/** An expression that lets the statement's commit go on before it is on the disk; a crash of the server may undo it. */
export const withoutWaiting = `set_config('synchronous_commit', 'off', true)`
