/** The examples of what the service tells of itself: skills, credits, health. */
import type { OperationExample } from './operation-example.ts'

const exampleSkill = {
  name: 'image-to-video-higgsfield',
  title: 'Image to Video – Higgsfield',
  summary: 'Animates one or more photos into a video that follows the prompt.',
  attribution: { source: 'image-to-video-higgsfield', version: '1.0.0' },
  accepts: [{ kind: 'image', content_types: ['image/jpeg'], extensions: ['jpg', 'jpeg'], sent_as: 'file' }],
  max_size_bytes: 20_000_000,
  required_inputs: [{ kind: 'image', min: 1 }],
  defaults: { format: 'mp4', quality: 'high', resolution: '1080p' },
  credit_estimates: { generation: 100, edit: 50 },
  typical_seconds: { min: 30, max: 90 },
}

const checks = { database: { ok: true, ms: 2 }, queue: { ok: true, ms: 1 }, storage: { ok: true, ms: 3 } }

export const serviceExamples: Readonly<Record<string, OperationExample>> = {
  listSkills: { responses: { 200: { data: [exampleSkill], next_cursor: null } } },
  getSkill: { responses: { 200: exampleSkill } },
  getCredits: {
    responses: {
      200: { available: 900, frozen: 100, total: 1000, token_expires_at: '2026-09-08T12:00:00.000Z' },
    },
  },
  getLiveness: { responses: { 200: { alive: true } } },
  getReadiness: { responses: { 200: { ready: true, checks } } },
}
