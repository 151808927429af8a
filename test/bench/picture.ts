import type { Figure } from './report.ts'

const WIDTH = 760
const LEFT = 140
const RIGHT = 150
const BAR = 16
const GAP = 6
const GROUP = 26
const TOP = 66

const COLOURS = { floor: '#9aa5b1', ours: '#1f7a5c', peer: '#c2703d' } as const

const count = (rate: number): string => Math.round(rate).toLocaleString('en-US')

interface Bar {
  readonly kind: keyof typeof COLOURS
  readonly label: string
  readonly rate: number
}

const barsOf = (figures: readonly Figure[], name: string): readonly Bar[] => {
  const ours = figures.find((figure) => figure.name === name && figure.setup === 'SQLite')
  if (ours === undefined) return []
  const peer = figures.find((figure) => figure.name === name && figure.setup === 'better-auth')
  return [
    { kind: 'floor', label: `${count(ours.floorPerSecond)}/s ${ours.floor}`, rate: ours.floorPerSecond },
    { kind: 'ours', label: `${count(ours.ratePerSecond)}/s authctl`, rate: ours.ratePerSecond },
    ...(peer === undefined
      ? []
      : [
          {
            kind: 'peer',
            label: `${count(peer.ratePerSecond)}/s better-auth`,
            rate: peer.ratePerSecond,
          } as const,
        ]),
  ]
}

/**
 * A picture (SVG) of the rates on the embedded store: each work beside its floor and the peer, drawn to the
 * scale of its floor.
 */
export const pictureOf = (figures: readonly Figure[], subtitle: string): string => {
  const names = [...new Set(figures.map(({ name }) => name))]
  const parts: string[] = []
  let y = TOP
  for (const name of names) {
    const bars = barsOf(figures, name)
    const largest = Math.max(...bars.map(({ rate }) => rate))
    parts.push(`<text x="${LEFT - 12}" y="${y + 13}" text-anchor="end" class="name">${name}</text>`)
    for (const { kind, label, rate } of bars) {
      const width = Math.max(1, (rate / largest) * (WIDTH - LEFT - RIGHT - 20))
      parts.push(
        `<rect x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="2" fill="${COLOURS[kind]}"/>`,
        `<text x="${(LEFT + width + 6).toFixed(1)}" y="${y + 12.5}" class="rate">${label}</text>`,
      )
      y += BAR + GAP
    }
    y += GROUP - GAP
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" aria-label="Requests a second of authctl, of the floor and of better-auth">
<style>text{font-family:system-ui,sans-serif;fill:#24292f}.title{font-size:16px;font-weight:600}.sub{font-size:12px;fill:#57606a}.name{font-size:13px}.rate{font-size:12px}</style>
<rect width="100%" height="100%" rx="6" fill="#ffffff"/>
<text x="20" y="28" class="title">Requests a second on SQLite, 64 connections</text>
<text x="20" y="47" class="sub">${subtitle}</text>
${parts.join('\n')}
</svg>
`
}
