# SPDX-License-Identifier: BSD-3-Clause
# Picture of a run of melting.sh: gnuplot -e "folder='auli_melting.out/au.800'" melting.gp  ->  FOLDER/melting.png
set terminal pngcairo size 900,700 font ",12"
set output folder."/melting.png"
set multiplot
set lmargin at screen 0.10
set rmargin at screen 0.86
set autoscale xfix
set autoscale yfix
set tmargin at screen 0.95
set bmargin at screen 0.56
set ylabel "position along c (A)"
set cblabel "order"
set cbrange [0:1]
set palette defined (0 "#e4e1ea", 0.5 "#b9770e", 1 "#4c2a85")
set pm3d map corners2color c1
splot folder."/order.dat" using 1:2:3 notitle
unset pm3d
set tmargin at screen 0.46
set bmargin at screen 0.09
set xlabel "time (ps)"
set ylabel "temperature (K)"
set y2label "share of crystal"
set y2range [0:1]
set y2tics
set ytics nomirror
set grid
stats folder."/course.dat" using 3 nooutput # the median is of the time at rest; the hot half goes off the picture
set yrange [0.75*STATS_median:1.35*STATS_median]
plot folder."/course.dat" using 1:3 with lines lw 2 lc rgb "#b9770e" title "temperature", \
     folder."/course.dat" using 1:2 axes x1y2 with lines lw 2 lc rgb "#4c2a85" title "crystal"
unset multiplot
