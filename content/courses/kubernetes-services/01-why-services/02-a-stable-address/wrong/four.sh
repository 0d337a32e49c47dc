#@ task five-behind-it
#@ says Deployment `shop` has `replicas` set to 4, not 5.
kubectl expose deployment shop --port=80
kubectl scale deployment shop --replicas=4
