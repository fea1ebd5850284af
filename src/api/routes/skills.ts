import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { findSkill, skillNames, skills } from '../../skills/index.ts'
import { answersJson } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import type { RouteContext } from '../route-context.ts'
import { problems } from '../schemas/problem-out.ts'
import { SkillOut, toSkillOut } from '../schemas/skill-out.ts'

export const skillRoutes =
  ({ requireKey }: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: 'GET',
      url: '/v1/skills',
      onRequest: [requireKey(), answersJson],
      schema: {
        operationId: 'listSkills',
        summary: 'List the skills',
        tags: ['skills'],
        response: {
          200: z.object({ data: z.array(SkillOut), next_cursor: z.null() }),
          ...problems('not_acceptable'),
        },
      },
      handler: async (_request, reply) =>
        reply.send({ data: skillNames.map((name) => toSkillOut(skills[name])), next_cursor: null }),
    })

    app.route({
      method: 'GET',
      url: '/v1/skills/:name',
      onRequest: [requireKey(), answersJson],
      schema: {
        operationId: 'getSkill',
        summary: 'Read a skill',
        tags: ['skills'],
        params: z.object({ name: z.string() }),
        response: { 200: SkillOut, ...problems('not_acceptable', 'not_found') },
      },
      handler: async (request, reply) => {
        const skill = findSkill(request.params.name)
        return skill === null ? sendProblem(reply, 'not_found') : reply.send(toSkillOut(skill))
      },
    })
  }
