import { keyedId } from '../../../model/keyed.ts'
import type { World } from '../../contract.ts'

/** What /version says. Some builds of kubectl start the binary of this minor first, so it has to look real. */
export function versionInfo(world: World): Record<string, string> {
  const version = world.cluster.kubernetesVersion().replace(/^v/, '')
  const [major = '1', minor = '0', patch = '5'] = version.split(/[.-]/)
  return {
    major,
    minor,
    gitVersion: version.includes('-') ? `v${version}` : `v${major}.${minor}.${patch}-eks-${keyedId(7, 'build', version)}`,
    gitCommit: keyedId(40, 'commit', version),
    gitTreeState: 'clean',
    buildDate: '2026-01-01T00:00:00Z',
    goVersion: 'go1.24.6',
    compiler: 'gc',
    platform: 'linux/amd64',
  }
}
