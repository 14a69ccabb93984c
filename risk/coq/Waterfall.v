(** The loss waterfall always ends solvent, for any number of accounts and layers.

    Model of [absorb], [haircut_weight], [haircut] and [settlement] of [risk/src/waterfall.rs] over the
    division of [Apportion.v]. Integers are unbounded; [None] is an error of the Rust function. *)

From Coq Require Import ZArith Lia List.
From Caisson Require Import Apportion.
Import ListNotations.
Open Scope Z_scope.

(** Rust: [Num::positive_part]. *)
Definition positive_part (x : Z) : Z := Z.max x 0.

(** Rust: [absorb]; what a layer pays, and what is left. *)
Definition absorb (loss available cap : Z) : Z * Z :=
  let paid := positive_part (Z.min (Z.min loss available) cap) in
  (paid, loss - paid).

(** A caller's loop over [absorb]: layers of (available, cap); what each paid, and what is left. *)
Fixpoint absorb_all (loss : Z) (layers : list (Z * Z)) : list Z * Z :=
  match layers with
  | [] => ([], loss)
  | (available, cap) :: rest =>
      let (paid, left) := absorb loss available cap in
      let (more, final) := absorb_all left rest in
      (paid :: more, final)
  end.

(** An account as the waterfall sees it. *)
Record account := Account {
  profit : Z;
  equity : Z;
  maintenance : Z
}.

(** Rust: [haircut_weight]. *)
Definition haircut_weight (a : account) : Z :=
  let spare := equity a - maintenance a in
  positive_part (Z.min (profit a) spare).

(** Rust: [haircut]; the division, and the part of the deficit that goes to settlement. *)
Definition haircut (deficit weights : Z) : option (apportionment * Z) :=
  let covered := Z.min deficit weights in
  let left := deficit - covered in
  match new covered weights with
  | None => None
  | Some d => Some (d, left)
  end.

(** Rust: [settlement]. *)
Definition settlement (available profits : Z) : option apportionment :=
  new (positive_part (Z.min available profits)) profits.

(** Sums over accounts: equity above zero, and below it. *)
Definition positive_equity (equities : list Z) : Z := sum (map positive_part equities).
Definition deficits (equities : list Z) : Z := sum (map (fun e => positive_part (- e)) equities).

(** * Auxiliary *)

Lemma parts_of_equity : forall es, positive_equity es - deficits es = sum es.
Proof.
  unfold positive_equity, deficits, positive_part.
  induction es as [| e es IH]; simpl in *; [ reflexivity | lia ].
Qed.

Lemma haircut_weight_bounds : forall a,
  0 <= haircut_weight a /\ haircut_weight a <= Z.max (profit a) 0 /\
  (maintenance a <= equity a -> haircut_weight a <= equity a - maintenance a) /\
  (equity a < maintenance a -> haircut_weight a = 0).
Proof. unfold haircut_weight, positive_part; intros; lia. Qed.

Lemma Forall2_on_map : forall (A B C : Type) (f : A -> B) (P : B -> C -> Prop) xs ys,
  Forall2 P (map f xs) ys -> Forall2 (fun x y => P (f x) y) xs ys.
Proof.
  induction xs as [| x xs IH]; intros ys F; simpl in F; inversion F; subst; constructor; auto.
Qed.

(** * Theorems *)

(** If the books balance and custody covers the fund and fees, deficits never exceed positive equity. *)
Theorem waterfall_is_feasible : forall equities fund_and_fees custody,
  sum equities + fund_and_fees = custody ->
  fund_and_fees <= custody ->
  deficits equities <= positive_equity equities.
Proof. intros es f c B C. pose proof (parts_of_equity es). lia. Qed.

Example waterfall_is_feasible_somewhere :
  sum [100; -30; -70; 5] + 20 = 25 /\ 20 <= 25 /\
  deficits [100; -30; -70; 5] = 100 /\ positive_equity [100; -30; -70; 5] = 105.
Proof. repeat split; discriminate. Qed.

Example waterfall_is_feasible_needs_balanced_books :
  20 <= 25 /\ deficits [10; -30] > positive_equity [10; -30].
Proof. split; [ discriminate | reflexivity ]. Qed.

Example waterfall_is_feasible_needs_custody_of_the_fund :
  sum [10; -30] + 40 = 20 /\ deficits [10; -30] > positive_equity [10; -30].
Proof. split; reflexivity. Qed.

(** What any number of layers pay and what is left is the loss; none pays more than it has or may. *)
Theorem layers_pay_exactly : forall layers loss paid left,
  0 <= loss -> absorb_all loss layers = (paid, left) ->
  sum paid + left = loss /\ 0 <= left /\
  Forall2 (fun layer p =>
    0 <= p <= Z.max (fst layer) 0 /\ p <= Z.max (snd layer) 0) layers paid.
Proof.
  induction layers as [| (available, cap) rest IH]; intros loss paid left L E; simpl in E.
  - inversion E; subst; simpl. repeat split; try lia. constructor.
  - destruct (absorb_all _ rest) as (more, final) eqn:A.
    inversion E; subst; clear E.
    unfold positive_part in *.
    set (p := Z.max (Z.min (Z.min loss available) cap) 0) in *.
    assert (L' : 0 <= loss - p) by lia.
    destruct (IH _ _ _ L' A) as (S & P & F).
    simpl. repeat split; try lia. constructor; auto. simpl. lia.
Qed.

Example layers_pay_exactly_somewhere : absorb_all 10 [(4, 9); (-4, 9); (40, 1)] = ([4; 0; 1], 5).
Proof. reflexivity. Qed.

(** A negative loss isn't a loss: something negative is left. *)
Example layers_pay_exactly_needs_a_loss : absorb_all (-5) [(4, 9)] = ([0], -5).
Proof. reflexivity. Qed.

(** Haircuts sum to exactly min(deficit, weights), the rest goes to settlement; each takes positive profit
    only, leaves a healthy account healthy and an unhealthy one untouched. *)
Theorem haircuts_are_exact_and_spare_the_healthy : forall accounts deficit division left cuts after,
  haircut deficit (sum (map haircut_weight accounts)) = Some (division, left) ->
  serve division (map haircut_weight accounts) = Some (cuts, after) ->
  sum cuts = Z.min deficit (sum (map haircut_weight accounts)) /\
  left = Z.max (deficit - sum (map haircut_weight accounts)) 0 /\
  Forall2 (fun a cut =>
    0 <= cut <= Z.max (profit a) 0 /\
    (maintenance a <= equity a -> maintenance a <= equity a - cut) /\
    (equity a < maintenance a -> cut = 0)) accounts cuts.
Proof.
  unfold haircut; intros accounts deficit division left cuts after H S.
  set (weights := map haircut_weight accounts) in *.
  destruct (new (Z.min deficit (sum weights)) (sum weights)) as [d |] eqn:N; try discriminate.
  inversion H; subst; clear H.
  assert (D : divide (Z.min deficit (sum weights)) weights = Some (cuts, after))
    by (unfold divide; rewrite N; exact S).
  destruct (shares_sum_to_the_total _ _ _ _ D) as (_ & E & _).
  assert (W : Forall2 (fun weight share => 0 <= share <= weight) weights cuts)
    by (eapply shares_are_within_their_claims; [ | exact D ]; lia).
  repeat split; try lia.
  apply Forall2_on_map in W.
  eapply Forall2_weaken; [ | exact W ].
  intros a cut B. simpl in B. pose proof (haircut_weight_bounds a). lia.
Qed.

Definition three_accounts := [Account 50 100 20; Account 30 100 95; Account 40 10 90].

Example haircuts_are_exact_and_spare_the_healthy_somewhere :
  map haircut_weight three_accounts = [50; 5; 0] /\
  haircut 22 55 = Some (Division 22 55 0 0, 0) /\
  option_map fst (serve (Division 22 55 0 0) [50; 5; 0]) = Some [20; 2; 0] /\
  haircut 60 55 = Some (Division 55 55 0 0, 5) /\
  option_map fst (serve (Division 55 55 0 0) [50; 5; 0]) = Some [50; 5; 0].
Proof. repeat split. Qed.

(** Weighted by profit alone, a healthy account becomes unhealthy. *)
Example haircuts_are_exact_and_spare_the_healthy_needs_the_spare :
  let a := Account 30 100 95 in
  option_map fst (serve (Division 20 30 0 0) [profit a]) = Some [20] /\
  maintenance a <= equity a /\ equity a - 20 < maintenance a.
Proof. repeat split; discriminate. Qed.

(** Settlement pays exactly what is available of the profits, nobody more than its profit. *)
Theorem settlement_pays_within_profits : forall profits available division payouts after,
  settlement available (sum profits) = Some division ->
  serve division profits = Some (payouts, after) ->
  sum payouts = Z.max (Z.min available (sum profits)) 0 /\
  Forall2 (fun p payout => 0 <= payout <= p) profits payouts.
Proof.
  unfold settlement, positive_part; intros profits available division payouts after N S.
  set (amount := Z.max (Z.min available (sum profits)) 0) in *.
  assert (D : divide amount profits = Some (payouts, after)) by (unfold divide; rewrite N; exact S).
  destruct (shares_sum_to_the_total _ _ _ _ D) as (_ & E & _).
  split; [ exact E | ].
  eapply shares_are_within_their_claims; [ | exact D ].
  unfold new in N. destruct (Z.ltb_spec 0 (sum profits)); try discriminate. lia.
Qed.

Example settlement_pays_within_profits_somewhere :
  settlement 5 6 = Some (Division 5 6 0 0) /\
  option_map fst (serve (Division 5 6 0 0) [1; 2; 3]) = Some [0; 2; 3].
Proof. split; reflexivity. Qed.

(** Without the minimum, more than the profits would be paid. *)
Example settlement_pays_within_profits_needs_the_minimum :
  option_map fst (serve (Division 9 6 0 0) [1; 2; 3]) = Some [1; 3; 5].
Proof. reflexivity. Qed.

(** If unrealised results sum to zero or more and no collateral is negative, deficits never exceed the
    positive profits: so what the haircut leaves can be settled. *)
Theorem deficits_never_exceed_profits : forall (holders : list (Z * Z)),
  Forall (fun h => 0 <= fst h) holders ->
  0 <= sum (map snd holders) ->
  deficits (map (fun h => fst h + snd h) holders) <= sum (map (fun h => positive_part (snd h)) holders).
Proof.
  intros holders C B.
  assert (K : deficits (map (fun h => fst h + snd h) holders) + sum (map snd holders)
    <= sum (map (fun h => positive_part (snd h)) holders)).
  { clear B. unfold deficits, positive_part.
    induction C as [| h rest P C IH]; simpl in *; [ lia | ]. lia. }
  lia.
Qed.

Example deficits_never_exceed_profits_somewhere :
  deficits (map (fun h => fst h + snd h) [(10, -50); (0, 30); (7, 20)]) = 40 /\
  sum (map (fun h => positive_part (snd h)) [(10, -50); (0, 30); (7, 20)]) = 50.
Proof. split; reflexivity. Qed.

Example deficits_never_exceed_profits_needs_balanced_results :
  deficits (map (fun h => fst h + snd h) [(10, -50); (0, 30)]) = 40 /\
  sum (map (fun h => positive_part (snd h)) [(10, -50); (0, 30)]) = 30.
Proof. split; reflexivity. Qed.

Example deficits_never_exceed_profits_needs_collateral :
  deficits (map (fun h => fst h + snd h) [(-10, -30); (0, 30)]) = 40 /\
  sum (map (fun h => positive_part (snd h)) [(-10, -30); (0, 30)]) = 30.
Proof. split; reflexivity. Qed.

(** The end of the waterfall when the haircut covers what the layers left: deficits are cancelled, the
    others pay their cuts. *)
Definition end_equities (accounts : list account) (cuts : list Z) : list Z :=
  map (fun ac => positive_part (equity (fst ac)) - snd ac) (combine accounts cuts).

(** Then nobody is below zero, and all equity is what it was plus what the layers paid: no money is made. *)
Theorem waterfall_ends_solvent : forall accounts layers paid loss division cuts after,
  Forall (fun a => 0 <= maintenance a) accounts ->
  absorb_all (deficits (map equity accounts)) layers = (paid, loss) ->
  haircut loss (sum (map haircut_weight accounts)) = Some (division, 0) ->
  serve division (map haircut_weight accounts) = Some (cuts, after) ->
  Forall (fun e => 0 <= e) (end_equities accounts cuts) /\
  sum (end_equities accounts cuts) = sum (map equity accounts) + sum paid.
Proof.
  intros accounts layers paid loss division cuts after M A H S.
  assert (Dn : 0 <= deficits (map equity accounts)).
  { unfold deficits, positive_part. apply sum_nonneg. apply Forall_forall.
    intros x I. apply in_map_iff in I. destruct I as (y & <- & _). lia. }
  destruct (layers_pay_exactly _ _ _ _ Dn A) as (P & L & _).
  destruct (haircuts_are_exact_and_spare_the_healthy _ _ _ _ _ _ H S) as (E & Z0 & F).
  assert (C : sum cuts = loss) by lia.
  assert (K : Forall (fun e => 0 <= e) (end_equities accounts cuts) /\
    sum (end_equities accounts cuts) = positive_equity (map equity accounts) - sum cuts).
  { clear - F M. unfold end_equities, positive_equity, positive_part.
    induction F as [| a cut accounts cuts B F IH]; simpl; [ split; [ constructor | lia ] | ].
    inversion M; subst. destruct (IH H2) as (X & Y).
    split; [ constructor; auto; lia | lia ]. }
  destruct K as (K1 & K2). split; auto.
  pose proof (parts_of_equity (map equity accounts)). lia.
Qed.

Definition one_bankrupt := [Account 50 100 20; Account (-60) (-32) 0; Account 40 10 90].

Example waterfall_ends_solvent_somewhere :
  absorb_all (deficits (map equity one_bankrupt)) [(10, 99); (99, 2)] = ([10; 2], 20) /\
  haircut 20 (sum (map haircut_weight one_bankrupt)) = Some (Division 20 50 0 0, 0) /\
  option_map fst (serve (Division 20 50 0 0) (map haircut_weight one_bankrupt)) = Some [20; 0; 0] /\
  end_equities one_bankrupt [20; 0; 0] = [80; 0; 10].
Proof. repeat split. Qed.

(** If the haircut leaves something for settlement, cancelling the deficits without settling makes money. *)
Example waterfall_ends_solvent_needs_settlement_of_the_rest :
  let accounts := [Account 5 100 20; Account (-60) (-32) 0] in
  haircut 32 (sum (map haircut_weight accounts)) = Some (Division 5 5 0 0, 27) /\
  sum (end_equities accounts [5; 0]) = 95 /\ sum (map equity accounts) = 68.
Proof. repeat split. Qed.

(** All theorems of this file, so that one search for assumptions covers them. *)
Definition waterfall_theorems :=
  (waterfall_is_feasible,
   layers_pay_exactly,
   haircuts_are_exact_and_spare_the_healthy,
   settlement_pays_within_profits,
   deficits_never_exceed_profits,
   waterfall_ends_solvent).

Print Assumptions waterfall_theorems.
