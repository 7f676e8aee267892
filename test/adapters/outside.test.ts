import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createOutside } from '../../src/adapters/outside/outside.ts'
import type { Question } from '../../src/ports/outside.ts'

let server: Server | undefined
afterEach(() => server?.close())

/** A real server that answers everything alike, and what it was asked. */
async function answering(status: number, body: string): Promise<{ url: string; asked: { path: string; authorization?: string }[] }> {
  const asked: { path: string; authorization?: string }[] = []
  const opened = createServer((request, response) => {
    const { authorization } = request.headers
    asked.push({ path: request.url ?? '', ...(authorization !== undefined && { authorization }) })
    response.writeHead(status).end(body)
  })
  server = opened
  await new Promise<void>((resolve) => opened.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(opened.address() as AddressInfo).port}`, asked }
}

const vector = (...values: readonly string[]) =>
  JSON.stringify({ status: 'success', data: { resultType: 'vector', result: values.map((value) => ({ metric: {}, value: [1, value] })) } })

describe('Prometheus', () => {
  const ask = async (status: number, body: string) => {
    const { url } = await answering(status, body)
    return await createOutside({}).ask({ kind: 'prometheus', url, query: 'up' })
  }

  it.each([
    { title: 'one series', body: vector('0.25'), value: 0.25 },
    { title: 'no series', body: vector(), value: undefined },
    { title: 'a division by nothing', body: vector('NaN'), value: undefined },
    { title: 'infinity', body: vector('+Inf'), value: Number.POSITIVE_INFINITY },
    { title: 'a scalar', body: '{"status":"success","data":{"resultType":"scalar","result":[1,"7"]}}', value: 7 },
  ])('$title', async ({ body, value }) => expect(await ask(200, body)).toEqual({ kind: 'number', ...(value !== undefined && { value }) }))

  it.each([
    { title: 'several series', status: 200, body: vector('1', '2'), words: /2 series, not one/ },
    {
      title: 'a query that it refuses',
      status: 200,
      body: '{"status":"error","error":"parse error"}',
      words: /refuses the query: parse error/,
    },
    { title: 'a page of a proxy', status: 200, body: '<html>Sign in</html>', words: /an HTML page, as of a proxy/ },
    { title: 'half an answer', status: 200, body: '{"status":', words: /no JSON/ },
    { title: 'an error of the server', status: 503, body: '', words: /HTTP 503/ },
  ])('is no answer: $title', async ({ status, body, words }) => await expect(ask(status, body)).rejects.toThrow(words))

  it('is asked for the query, with the token that the plan names by reference', async () => {
    const { url, asked } = await answering(200, vector('1'))
    await createOutside({ PROM: 'secret' }).ask({
      kind: 'prometheus',
      url: `${url}/prom/`,
      query: 'sum(up{job="a b"})',
      tokenFrom: 'env:PROM',
    })
    expect(asked).toEqual([{ path: '/prom/api/v1/query?query=sum%28up%7Bjob%3D%22a+b%22%7D%29', authorization: 'Bearer secret' }])
    await expect(createOutside({}).ask({ kind: 'prometheus', url, query: 'up', tokenFrom: 'env:PROM' })).rejects.toThrow(
      /env:PROM is not set/,
    )
  })
})

describe('whoever is asked before a run', () => {
  const reach = async (status: number, body: string, tokenFrom?: string) => {
    const { url, asked } = await answering(status, body)
    const question = { kind: 'prometheus' as const, url, query: 'up', ...(tokenFrom && { tokenFrom }) }
    return { answer: await createOutside({ PROM: 'secret' }).reach(question), asked }
  }

  it('is told no token, and may want one', async () => {
    const { answer, asked } = await reach(401, '', 'env:PROM')
    expect({ answer, asked }).toEqual({ answer: undefined, asked: [{ path: '/api/v1/query?query=up' }] })
    expect((await reach(200, vector('1'), 'env:PROM')).answer).toEqual({ kind: 'number', value: 1 })
  })

  it.each([
    { title: 'wants a token, and the plan names none', status: 401, body: '', words: /HTTP 401/ },
    { title: 'is not there', status: 404, body: '', tokenFrom: 'env:PROM', words: /HTTP 404/ },
    { title: 'is a proxy', status: 200, body: '<html>', words: /an HTML page, as of a proxy/ },
    { title: 'has several numbers', status: 200, body: vector('1', '2'), words: /2 series, not one/ },
    { title: 'would be told a token that is not set', status: 200, body: vector('1'), tokenFrom: 'env:NONE', words: /env:NONE is not set/ },
  ])('is no help where it $title', async ({ status, body, tokenFrom, words }) => {
    await expect(reach(status, body, tokenFrom)).rejects.toThrow(words)
  })
})

describe('an endpoint', () => {
  it('says a verdict with its reason', async () => {
    const { url } = await answering(200, '{"verdict":"fail","reason":"checkout is slow"}')
    expect(await createOutside({}).ask({ kind: 'http', url })).toEqual({ kind: 'verdict', verdict: 'fail', says: 'checkout is slow' })
  })

  it('that says something else has not answered', async () => {
    const { url } = await answering(200, '{"ok":true}')
    await expect(createOutside({}).ask({ kind: 'http', url })).rejects.toThrow(/no verdict/)
  })

  it('that is not there has not answered', async () => {
    await expect(createOutside({}).ask({ kind: 'http', url: 'http://127.0.0.1:9' })).rejects.toThrow(/outside:127.0.0.1:9/)
  })
})

describe('a command', () => {
  const node = (script: string): Question => ({ kind: 'command', command: [process.execPath, '-e', script] })

  it.each([
    { code: 0, verdict: 'pass' },
    { code: 1, verdict: 'fail' },
    { code: 2, verdict: 'pending' },
    { code: 7, verdict: 'unknown' },
  ])('that ends with $code: $verdict', async ({ code, verdict }) => {
    const answer = await createOutside({}).ask(node(`console.log('told'); process.exit(${code})`))
    expect(answer).toEqual({ kind: 'verdict', verdict, says: 'told' })
  })

  it('that is not there has not answered', async () => {
    await expect(createOutside({}).ask({ kind: 'command', command: ['/no/such/program'] })).rejects.toThrow(/ENOENT/)
  })

  it('that ignores signals and leaves a child that holds its output is waited for no longer than a command may take', async () => {
    const stubborn: Question = { kind: 'command', command: ['/bin/sh', '-c', "trap '' TERM; sleep 8; sleep 8"] }
    await expect(createOutside({}, undefined, 300).ask(stubborn)).rejects.toThrow(/did not end within/)
  })
})

describe('what looks like a secret goes no further', () => {
  const TOKEN = `ghp_${'a1'.repeat(18)}`

  it.each([
    { title: 'in the output of a command', question: { kind: 'command', command: ['/bin/echo', `token ${TOKEN}`] } },
    { title: 'across the end of what is kept', question: { kind: 'command', command: ['/bin/echo', `${'-'.repeat(280)} ${TOKEN}`] } },
    { title: 'in the words of why a command did not start', question: { kind: 'command', command: [`/no/such/${TOKEN}`] } },
    { title: 'in an address that is none', question: { kind: 'http', url: `ftp://host/?token=${TOKEN}` } },
  ] as const)('$title', async ({ question }) => {
    const heard = await createOutside({})
      .ask(question)
      .then(JSON.stringify, (error: Error) => error.message)
    expect(heard).toContain('[redac')
    expect(heard).not.toContain('ghp_')
  })

  it('in the reason of an endpoint', async () => {
    const { url } = await answering(200, JSON.stringify({ verdict: 'fail', reason: `refused for ${TOKEN}` }))
    expect(await createOutside({}).ask({ kind: 'http', url })).toMatchObject({ says: 'refused for [redacted]' })
  })

  it('in the error of Prometheus', async () => {
    const { url } = await answering(200, JSON.stringify({ status: 'error', error: `bad ${TOKEN}` }))
    await expect(createOutside({}).ask({ kind: 'prometheus', url, query: 'up' })).rejects.toThrow(/the query: bad \[redacted\]/)
  })
})
