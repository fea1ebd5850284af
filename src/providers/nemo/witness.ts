import type { Dispatcher } from 'undici'

/**
 * Asks when a request is about to be written to a connection: before that nothing has left, whatever goes wrong;
 * after it nobody can know (guarantees.md §2.1-4). undici starts a request on a connected socket only, and a closed
 * idle connection is replaced before that. It is not written when the answer is no.
 */
export const witnessWrite =
  (mayWrite: () => boolean): Dispatcher.DispatcherComposeInterceptor =>
  (dispatch) =>
  (options, handler) =>
    dispatch(options, {
      onRequestStart(controller, context) {
        handler.onRequestStart?.(controller, context)
        if (!controller.aborted && !mayWrite()) controller.abort(new Error('the message has been given up'))
      },
      onResponseStart: (...parts) => handler.onResponseStart?.(...parts),
      onResponseData: (...parts) => handler.onResponseData?.(...parts),
      onResponseEnd: (...parts) => handler.onResponseEnd?.(...parts),
      onResponseError: (...parts) => handler.onResponseError?.(...parts),
    })
