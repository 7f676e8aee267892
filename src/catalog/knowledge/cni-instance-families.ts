import { type AddonVersion, compareAddonVersions, parseAddonVersion } from '../../model/addon-version.ts'

/**
 * Instance families by the first version of the VPC CNI whose built-in table of limits has them.
 * Read on 2026-08-20 from pkg/vpc/vpc_ip_resource_limit.go of https://github.com/aws/amazon-vpc-cni-k8s at the tags v1.18.0 to v1.23.0.
 */
const KNOWN_SINCE: readonly { readonly version: string; readonly but?: string; readonly families: string }[] = [
  { version: 'v1.18.2', families: 'c7i-flex g6 gr6' },
  { version: 'v1.18.6', families: 'c8g g6e m8g mac2-m1ultra p5e r8g u7i-12tb u7in-16tb u7in-24tb u7in-32tb x8g' },
  { version: 'v1.19.2', families: 'i7ie i8g p5en trn2' },
  { version: 'v1.19.4', families: 'f2 u7i-6tb u7i-8tb' },
  { version: 'v1.20.0', families: 'c8gd c8gn i7i m8gd p6-b200 r8gd' },
  { version: 'v1.20.1', families: 'g6f gr6f' },
  { version: 'v1.20.2', families: 'i8ge m8i m8i-flex mac-m4 mac-m4pro r8i r8i-flex' },
  { version: 'v1.20.3', families: 'r8gb r8gn' },
  { version: 'v1.20.5', families: 'c8i c8i-flex m8a p6-b300 r8a' },
  { version: 'v1.21.0', families: 'c8a x8aedz' },
  { version: 'v1.21.2', families: 'c8gb c8id g7e hpc8a m8azn m8gb m8gn m8id mac-m4max r8id x8i' },
  { version: 'v1.21.2', but: 'v1.22.0', families: 'c8ib c8in c8ine m8ib m8in m8ine r8ib r8in' },
  { version: 'v1.23.0', families: 'c9g c9gd g7 m8idb m8idn m9g m9gd mac-m3ultra r8idb r8idn' },
]

/** In the table of v1.18.0 already. */
const KNOWN_BEFORE =
  'a1 bmn-sf1 c1 c3 c4 c5 c5a c5ad c5d c5n c6a c6g c6gd c6gn c6i c6id c6in c7a c7g c7gd c7gn c7i cr1 d2 d3 d3en dl1 dl2q f1 g3 g3s g4ad g4dn g5 g5g h1 hpc6a hpc6id hpc7a hpc7g hs1 i2 i3 i3en i4g i4i im4gn inf1 inf2 is4gen m1 m2 m3 m4 m5 m5a m5ad m5d m5dn m5n m5zn m6a m6g m6gd m6i m6id m6idn m6in m7a m7g m7gd m7i m7i-flex mac1 mac2 mac2-m2 mac2-m2pro p2 p3 p3dn p4d p4de p5 r3 r4 r5 r5a r5ad r5b r5d r5dn r5n r6a r6g r6gd r6i r6id r6idn r6in r7a r7g r7gd r7i r7iz t1 t2 t3 t3a t4g trn1 trn1n u-12tb1 u-18tb1 u-24tb1 u-3tb1 u-6tb1 u-9tb1 vt1 x1 x1e x2gd x2idn x2iedn x2iezn z1d'

/** The first version of the VPC CNI that knows a family; `v1.18.0` for the old ones, undefined for one that this table does not have. */
export function familyKnownSince(family: string): string | undefined {
  if (KNOWN_BEFORE.split(' ').includes(family)) return 'v1.18.0'
  return KNOWN_SINCE.find(({ families }) => families.split(' ').includes(family))?.version
}

/** Whether the table of a version has an instance family; undefined where that is not known. */
export function cniKnowsFamily(version: AddonVersion, family: string): boolean | undefined {
  const row = KNOWN_SINCE.find(({ families }) => families.split(' ').includes(family))
  if (row === undefined) return familyKnownSince(family) === undefined ? undefined : true
  const [since, but] = [parseAddonVersion(row.version), parseAddonVersion(row.but)]
  const excepted = but !== undefined && compareAddonVersions({ ...version, build: undefined }, but) === 0
  return since !== undefined && compareAddonVersions(version, since) >= 0 && !excepted
}
