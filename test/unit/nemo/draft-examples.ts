/** The session state of upstream-protocol.md §4.2. */
export const exampleState = {
  draft: {
    d: 10000,
    m: { title: 'Urban Dreams', width: 1920, height: 1080 },
    t: [
      {
        id: 'trk_v',
        tt: 0,
        sg: [
          {
            id: 'sg_v1',
            st: 0,
            d: 10000,
            m: {
              title: 'city timelapse',
              src: 'https://cdn.example.test/gen/clip1.mp4',
              width: 1920,
              height: 1080,
              in: 0,
              out: 10000,
            },
          },
        ],
      },
      {
        id: 'trk_a',
        tt: 1,
        sg: [
          {
            id: 'sg_a1',
            st: 0,
            d: 10000,
            m: {
              title: 'Lo-fi',
              src: 'https://cdn.example.test/lib/lofi.mp3',
              volume: 0.35,
              fade_in: 500,
              fade_out: 500,
            },
          },
        ],
      },
      {
        id: 'trk_t',
        tt: 7,
        sg: [
          {
            id: 'sg_t1',
            st: 0,
            d: 3000,
            m: { text: 'Urban Dreams', color: '#FFFFFF', position: 'top-center', fade_in: 300 },
          },
        ],
      },
    ],
  },
  video_infos: [
    {
      filename: 'clip1.mp4',
      file_type: 'video',
      cdn_url: 'https://cdn.example.test/gen/clip1.mp4',
      duration: 10.0,
      width: 1920,
      height: 1080,
      fps: 30,
      hash: '0af3',
    },
  ],
  canvas_config: { width: 1920, height: 1080, ratio: '16:9' },
  generated_media: [{ type: 'video', url: 'https://cdn.example.test/gen/clip1.mp4', duration: 10.0 }],
  video_analyses: {},
}

/** A draft with one track of this type and these segments. */
export const draftOf = (tt: unknown, ...sg: unknown[]): Record<string, unknown> => ({ t: [{ tt, sg }] })
