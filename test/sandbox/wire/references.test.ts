import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { request } from 'undici'
import { describe, expect, it } from 'vitest'
import { connectInProcess } from '../../../src/sandbox/in-process.ts'
import { openWorld } from '../../../src/sandbox/world/open.ts'
import { eksToken } from './token.ts'

/** What a reader in the same process takes by reference says what the JSON says that anybody else gets. */

const world = openWorld({ world: readFileSync(join(import.meta.dirname, '../../../plans/worlds/quickstart.yaml'), 'utf8'), scenarios: [] })
const { transport } = connectInProcess(world)
const form = transport.kubernetesForm
if (form === undefined) throw new Error('references are offered in process')

async function asked(path: string, accept: string): Promise<Awaited<ReturnType<typeof request>>> {
  const headers = { accept, authorization: `Bearer ${await eksToken(world.cluster.name)}` }
  return request(`https://kubernetes.sandbox.invalid${path}`, { dispatcher: transport.dispatcher, headers })
}

const text = async (path: string, accept: string): Promise<string> => (await asked(path, accept)).body.text()

/** The first line of a watch. */
async function firstLine(path: string, accept: string): Promise<string> {
  const { body } = await asked(path, accept)
  for await (const chunk of body) return String(chunk).split('\n')[0] ?? ''
  return ''
}

const pod = world.store.list('Pod')[0]?.metadata

describe('by reference', () => {
  it.each([
    '/api/v1/pods',
    '/api/v1/nodes',
    '/api/v1/events',
    '/api/v1/namespaces/kube-system/configmaps',
    '/apis/apps/v1/deployments',
    '/apis/apps/v1/daemonsets',
    '/apis/events.k8s.io/v1/events',
    '/apis/policy/v1/poddisruptionbudgets',
    '/apis/vpcresources.k8s.aws/v1alpha1/cninodes',
    `/api/v1/namespaces/${pod?.namespace}/pods/${pod?.name}`,
  ])('%s is what its JSON is', async (path) => {
    const plain = JSON.parse(await text(path, 'application/json'))
    expect(plain.kind).not.toBe('Status')
    expect(form.decode(await text(path, form.accept))).toStrictEqual(plain)
  })

  it('a line of a watch is what its JSON is, and no text of an object goes by', async () => {
    const path = '/api/v1/pods?watch=true'
    const line = await firstLine(path, form.accept)
    expect(line).toMatch(/^\{"type":"ADDED","object":\{"reference":\d+\}\}$/)
    expect(form.decode(line)).toStrictEqual(JSON.parse(await firstLine(path, 'application/json')))
  })

  it('what the world keeps cannot be changed by who took it', async () => {
    const { items } = form.decode(await text('/api/v1/pods', form.accept)) as { items: { spec: { containers: object[] } }[] }
    expect(() => items[0]?.spec.containers.push({})).toThrow(TypeError)
  })

  it('a refusal is told in JSON', async () => {
    expect(form.decode(await text('/api/v1/namespaces/shop/pods/nobody', form.accept))).toMatchObject({ kind: 'Status', code: 404 })
  })

  it('half an answer is no answer', async () => {
    const whole = await text('/api/v1/pods', form.accept)
    expect(() => form.decode(whole.slice(0, whole.length / 2))).toThrow(SyntaxError)
  })
})
