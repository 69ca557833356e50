# SPDX-License-Identifier: BSD-3-Clause
# gnuplot -e "out='auli_long.out'" inputs/auli_potential/long.gp: volume and spread of the committee in time, OUT/long.png
set terminal pngcairo size 1300,480 font ',12'
set output out.'/long.png'
set multiplot layout 1,3
set grid
set xlabel 'time (ns)'
runs = 'b2 alloy melt'
titles = '"B2 AuLi, 300 K" "random alloy, 600 K" "melt, 1200 K"'
there(name) = system('test -e '.out.'/'.name.'/thermo.dat && echo 1 || echo 0') + 0
atoms(name) = there(name) ? system('head -n 1 '.out.'/'.name.'/trajectory.extxyz') + 0.0 : 1.0
file(name) = there(name) ? out.'/'.name.'/thermo.dat' : '/dev/null'
set key top right
set title 'volume (A^3/atom)'
plot for [k=1:3] file(word(runs, k)) using ($3 / 1e6):($10 / atoms(word(runs, k))) with lines lw 1.5 title word(titles, k)
set title 'spread of the energy (meV/atom)'
plot for [k=1:3] file(word(runs, k)) using ($3 / 1e6):($28 * 1e3) with lines lw 1 notitle
set title 'forces (eV/A): rms, worst atom'
set logscale y
set format y '%g'
set yrange [0.01:1]
plot for [k=1:3] file(word(runs, k)) using ($3 / 1e6):30 with lines lw 1.5 lt k notitle, \
     for [k=1:3] file(word(runs, k)) using ($3 / 1e6):29 with lines lw 0.5 lt k notitle
unset multiplot
