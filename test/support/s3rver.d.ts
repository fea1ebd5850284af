declare module 's3rver' {
  import type { RequestListener } from 'node:http'
  import type { Readable } from 'node:stream'

  export interface S3Object {
    readonly bucket: string
    readonly key: string
    content: Readable | Buffer
    readonly metadata: Readonly<Record<string, string>>
    range?: { start: number; end: number }
  }

  /** The part of s3rver's file store that the tests look into. */
  export interface S3Store {
    getResourcePath(bucket: string, key: string | undefined, resource: string): string
    putMetadata(bucket: string, key: string, metadata: object, md5: string): Promise<void>
    putObject(object: S3Object): Promise<{ size: number; md5: string }>
    getObject(
      bucket: string,
      key: string,
      options?: { start?: number; end?: number },
    ): Promise<S3Object | null>
  }

  export default class S3rver {
    constructor(options: {
      readonly directory: string
      readonly silent: boolean
      readonly vhostBuckets: boolean
      readonly configureBuckets: readonly { readonly name: string }[]
    })
    readonly store: S3Store
    configureBuckets(): Promise<void>
    callback(): RequestListener
  }
}
