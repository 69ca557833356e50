# Picture of an alloying run: gnuplot -e "folder='auli_interface.out'" plot.gp  ->  FOLDER/alloying.png
if (!exists("folder")) folder = "auli_interface.out"
set terminal pngcairo size 1100,900 font ",13"
set output folder."/alloying.png"
set multiplot
set lmargin at screen 0.10
set rmargin at screen 0.86

set tmargin at screen 0.95
set bmargin at screen 0.55
set title "Composition profile along c"
set ylabel "position along c (A)"
set cblabel "Au fraction"
set palette defined (0 "#4c2a85", 0.5 "#e4e1ea", 1 "#d4a017")
set cbrange [0:1]
set autoscale xfix
set autoscale yfix
set pm3d map corners2color c1
# Columns: time (fs), position (A), densities of Li and Au. Slices between two crystal planes are empty: white.
splot folder."/profile.dat" using ($1/1000):2:($3+$4 > 0 ? $4/($3+$4) : NaN) notitle

unset pm3d
set tmargin at screen 0.46
set bmargin at screen 0.08
set title "Mixing fraction (0: separate, 1: fully mixed)"
set xlabel "time (ps)"
set ylabel "mixing fraction"
set yrange [0:1]
set grid
plot folder."/mixing.dat" using ($2/1000):3 with lines linewidth 2 linecolor rgb "#4c2a85" notitle
unset multiplot
