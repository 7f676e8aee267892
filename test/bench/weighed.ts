/** For `node --import`: the process says at its end how much memory it held at most, and how long the processor worked for it. */
export const WEIGHED =
  'data:text/javascript,process.on("exit",()=>{const{maxRSS,userCPUTime,systemCPUTime}=process.resourceUsage();process.stderr.write("\\npeak "+maxRSS+" cpu "+(userCPUTime%2BsystemCPUTime))})'

export interface Weight {
  readonly mebibytes: number
  readonly cpuMs: number
}

/** What a weighed process said last. */
export function weightIn(stderr: string): Weight {
  const [, peak, cpu] = [...stderr.matchAll(/peak (\d+) cpu (\d+)/g)].at(-1) ?? []
  return { mebibytes: Math.round(Number(peak) / 1024), cpuMs: Number(cpu) / 1_000 }
}
