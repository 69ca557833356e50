# SPDX-License-Identifier: BSD-3-Clause
# gnuplot bench/training/plot.gnuplot, in the root of the tree: docs/figures/training.svg
set terminal svg size 900,640 font 'sans,12' background 'white'
set output 'docs/figures/training.svg'
set multiplot layout 2,2
set logscale xy
set grid
set xlabel 'core time (s)'
do for [m in 'AuLi LLNO'] {
  e = m eq 'AuLi' ? 8.0 : 4.3
  f = m eq 'AuLi' ? 41.0 : 147.0
  set xrange [5:4000]
  set ylabel 'energy rmse (meV/atom)'
  set yrange [2:60]
  plot 'bench/training/n2p2_'.m.'.txt' using ($1 > 0 ? $2 : NaN):3 with linespoints pt 6 lc 'gray40' title m.': n2p2', \
       'bench/training/nnpmd_'.m.'.txt' using 5:9 with points pt 7 ps 0.6 lc 'blue' title 'nnpmd-train', \
       e with lines dt 2 lc 'gray40' title sprintf('n2p2, final: %g', e)
  set ylabel 'force rmse (meV/A)'
  set yrange [25:400]
  plot 'bench/training/n2p2_'.m.'.txt' using ($1 > 0 ? $2 : NaN):4 with linespoints pt 6 lc 'gray40' title m.': n2p2', \
       'bench/training/nnpmd_'.m.'.txt' using 5:13 with points pt 7 ps 0.6 lc 'blue' title 'nnpmd-train', \
       f with lines dt 2 lc 'gray40' title sprintf('n2p2, final: %g', f)
}
unset multiplot
