import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { World } from './contract.ts'
import { kubeconfigText } from './kubeconfig.ts'
import { openProxy } from './proxy.ts'
import type { ServedWorld } from './serve.ts'
import { serveWorld } from './serve.ts'
import { SANDBOX_CREDENTIALS } from './wire/credentials.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface SandboxShellOptions {
  /** Virtual seconds per real second. */
  readonly speed: number
  /** A file that gets a line of JSON for each request. */
  readonly audit?: string
  /** What the command inherits, apart from everything that points to an AWS account, a cluster or a proxy. */
  readonly env: Environment
}

/**
 * Runs a command inside the sandbox: its AWS tools and kubectl reach the served world and nothing else of AWS.
 * The world lives until the command ends.
 * @returns the command's exit code; 128 + N when signal N ended it, 127 when it could not be started.
 */
export async function runInSandbox(world: World, command: readonly string[], options: SandboxShellOptions): Promise<number> {
  const { audit } = options
  const folder = mkdtempSync(join(tmpdir(), 'serin-sandbox-'))
  try {
    const served = await serveWorld(world, {
      speed: options.speed,
      ...(audit === undefined ? {} : { audit: (line: string) => appendFileSync(audit, `${line}\n`) }),
    })
    const proxy = await openProxy(served.authority, served.awsListener)
    try {
      const env = { ...inherited(options.env), ...sandboxEnvironment(world, served, proxy.url, folder) }
      return await finished(command, env)
    } finally {
      await Promise.all([proxy.close(), served.close()])
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const FOREIGN = /^(AWS_.*|KUBECONFIG|KUBECACHEDIR|(https?|all|no)_proxy)$/i

/** No profile, credential, endpoint or proxy of the user may lead the command out of the sandbox. */
function inherited(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !FOREIGN.test(name)))
}

/** Writes the files that the environment names, and gives the environment. */
function sandboxEnvironment(world: World, served: ServedWorld, proxy: string, folder: string): Environment {
  const file = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  const { region } = world.cluster
  const around = '127.0.0.1,localhost'
  return {
    AWS_ENDPOINT_URL: served.awsUrl,
    AWS_ACCESS_KEY_ID: SANDBOX_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: SANDBOX_CREDENTIALS.secretAccessKey,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
    AWS_CONFIG_FILE: file('aws-config', ''),
    AWS_SHARED_CREDENTIALS_FILE: file('aws-credentials', ''),
    AWS_CA_BUNDLE: file('authority.pem', served.authority.certificate),
    KUBECONFIG: file('kubeconfig.json', kubeconfigText(world, served)),
    KUBECACHEDIR: join(folder, 'kube-cache'),
    SERIN_SANDBOX_CLOCK: served.clock,
    HTTPS_PROXY: proxy,
    HTTP_PROXY: proxy,
    https_proxy: proxy,
    http_proxy: proxy,
    NO_PROXY: around,
    no_proxy: around,
  }
}

const NOT_STARTED = 127

function finished([program = '', ...parameters]: readonly string[], env: Environment): Promise<number> {
  // Heard before it starts: a command may signal us before spawn returns.
  let child: ChildProcess | undefined
  const stopForwarding = forwardSignals((signal) => child?.kill(signal))
  const started = spawn(program, parameters, { stdio: 'inherit', env })
  child = started
  // A command whose cluster has gone would go on trying: it ends with us, whatever ended us.
  const takeAlong = (): void => void started.kill()
  process.once('exit', takeAlong)
  return new Promise((resolve) => {
    const end = (code: number): void => {
      process.off('exit', takeAlong)
      stopForwarding()
      resolve(code)
    }
    started.once('error', (error) => {
      process.stderr.write(`serin sandbox: cannot start ${program}: ${error.message}\n`)
      end(NOT_STARTED)
    })
    started.once('exit', (code, signal) => end(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
  })
}

/** A terminal sends Ctrl-C to the command by itself; sent on as well, it would arrive twice. */
function forwardSignals(forward: (signal: NodeJS.Signals) => void): () => void {
  const onInterrupt = (): void => {
    if (process.stdin.isTTY !== true) forward('SIGINT')
  }
  const onTerminate = (): void => forward('SIGTERM')
  process.on('SIGINT', onInterrupt)
  process.on('SIGTERM', onTerminate)
  return () => {
    process.off('SIGINT', onInterrupt)
    process.off('SIGTERM', onTerminate)
  }
}
